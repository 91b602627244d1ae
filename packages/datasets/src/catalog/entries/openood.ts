import type { CatalogEntry } from '../entry.ts';

/** Address of a file that OpenOOD v1.5 keeps on Google Drive. */
function driveUrl(id: string): string {
  return `https://drive.usercontent.google.com/download?id=${id}&export=download&confirm=t`;
}

const NO_CHECKSUM =
  'size and checksum: none is published; the file is pinned on first use, after a look at its first bytes, and checked ever after';
const DRIVE =
  'Google Drive may answer with a web page when a file is asked for too often: then download it by hand';

export const places365: CatalogEntry = {
  name: 'places365',
  title: 'Places365 (validation, small images)',
  description:
    '36,500 photographs of 365 kinds of places, 256 × 256 pixels. Another set than the MOS subset "places".',
  license: 'For research and education only (Places)',
  citation:
    'B. Zhou, A. Lapedriza, A. Khosla, A. Oliva, A. Torralba, "Places: A 10 Million Image Database", PAMI 2017',
  homepage: 'http://places2.csail.mit.edu/',
  files: [
    {
      name: 'val_256.tar',
      urls: ['http://data.csail.mit.edu/places/places365/val_256.tar'],
      bytes: 525_158_400,
      md5: 'e27b17d8d44f4af9a78502beb927f808',
      sha256: '24b4e639ef12a0012af525bc4cb443e4ab4aaea8369a1fb009b70e4a4aad5d48',
      format: 'tar',
    },
  ],
  splits: { val: { samples: 36_500, layout: { kind: 'archive', archive: 'val_256.tar', classes: 'none' } } },
  usage: 'As far-OOD of CIFAR-10/100: val.',
  overlaps: [
    {
      id: 'cifar10',
      removed:
        'OpenOOD v1.5 removes 1,305 images that show CIFAR classes and keeps 35,195; its image lists say which',
    },
    { id: 'cifar100', removed: 'the same list as for CIFAR-10' },
  ],
  unverified: ['OpenOOD’s counts: from memory of its paper'],
};

export const ssbHard: CatalogEntry = {
  name: 'ssb-hard',
  title: 'SSB-hard (Semantic Shift Benchmark, hard split)',
  description: '49,000 images of 980 classes of ImageNet-21k that are close to those of ImageNet-1k.',
  license: 'Non-commercial research and education only (ImageNet)',
  citation:
    'S. Vaze, K. Han, A. Vedaldi, A. Zisserman, "Open-Set Recognition: a Good Closed-Set Classifier is All You Need?", ICLR 2022',
  homepage: 'https://github.com/Jingkang50/OpenOOD',
  files: [{ name: 'ssb_hard.zip', urls: [driveUrl('1PzkA-WGG8Z18h0ooL_pDdz9cO-DCIouE')], format: 'zip' }],
  splits: {
    test: { samples: 49_000, layout: { kind: 'archive', archive: 'ssb_hard.zip', classes: 'none' } },
  },
  usage: 'As near-OOD of ImageNet-1k in OpenOOD v1.5: all 49,000 images.',
  overlaps: [],
  unverified: [NO_CHECKSUM, DRIVE],
};

export const ninco: CatalogEntry = {
  name: 'ninco',
  title: 'NINCO (No ImageNet Class Objects)',
  description: '5,879 images of 64 classes, each looked at by a person: none shows an object of ImageNet-1k.',
  license: 'No single license: the images come from several public data sets, each with its own terms',
  citation:
    'J. Bitterwolf, M. Müller, M. Hein, "In or Out? Fixing ImageNet Out-of-Distribution Detection Evaluation", ICML 2023',
  homepage: 'https://github.com/j-cb/NINCO',
  files: [
    {
      name: 'NINCO_all.tar.gz',
      urls: ['https://zenodo.org/record/8013288/files/NINCO_all.tar.gz'],
      md5: 'b9ffae324363cd900a81ce3c367cd834',
      format: 'gzip',
    },
  ],
  splits: {
    test: {
      samples: 5_879,
      layout: {
        kind: 'archive',
        archive: 'NINCO_all.tar.gz',
        root: 'NINCO/NINCO_OOD_classes',
        classes: 'folders',
      },
    },
  },
  usage:
    'As near-OOD of ImageNet-1k in OpenOOD v1.5: all 5,879 images, pooled. The authors report the mean over the 64 classes, which gives other figures.',
  overlaps: [],
  unverified: ['size of the archive', 'checksum: from several public projects that use the file'],
};

export const openimageO: CatalogEntry = {
  name: 'openimage-o',
  title: 'OpenImage-O',
  description: '17,632 photographs of Open Images, chosen by people as outside ImageNet-1k.',
  license: 'CC-BY-2.0 (Open Images; stated by the photographers)',
  citation:
    'H. Wang, Z. Li, L. Feng, W. Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022',
  homepage: 'https://github.com/haoqiwang/vim',
  files: [
    {
      name: 'OpenImage-O.zip',
      urls: ['https://zenodo.org/records/10540831/files/OpenImage-O.zip'],
      md5: 'c0abd7cd4b6f218a7149adc718d70e6e',
      format: 'zip',
    },
  ],
  splits: {
    all: { samples: 17_632, layout: { kind: 'archive', archive: 'OpenImage-O.zip', classes: 'none' } },
  },
  usage:
    'As far-OOD of ImageNet-1k in OpenOOD v1.5: 15,869 images; the other 1,763 are its OOD validation set (its lists say which).',
  overlaps: [],
  unverified: ['size of the archive', 'checksum: from one public project that uses the file'],
};
