import type { CatalogEntry, CatalogSplit } from '../entry.ts';

const ARCHIVE = 'dtd-r1.0.1.tar.gz';

function part(lists: readonly string[] | undefined, samples: number): CatalogSplit {
  return {
    samples,
    layout: {
      kind: 'archive',
      archive: ARCHIVE,
      root: 'dtd/images',
      classes: 'folders',
      ...(lists === undefined ? {} : { lists: lists.map(name => `dtd/labels/${name}`) }),
    },
  };
}

export const textures: CatalogEntry = {
  name: 'textures',
  title: 'Describable Textures Dataset (DTD, Textures)',
  description: '5,640 images of textures in 47 classes.',
  license: 'Available to the computer vision community for research purposes (stated on the homepage)',
  citation:
    'M. Cimpoi, S. Maji, I. Kokkinos, S. Mohamed, A. Vedaldi, "Describing Textures in the Wild", CVPR 2014',
  homepage: 'https://www.robots.ox.ac.uk/~vgg/data/dtd/',
  files: [
    {
      name: ARCHIVE,
      urls: ['https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz'],
      bytes: 625_239_812,
      md5: 'fff73e5086ae6bdbea199a49dfb8a4c1',
      sha256: 'e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205',
      format: 'gzip',
    },
  ],
  splits: {
    all: part(undefined, 5_640),
    train: part(['train1.txt'], 1_880),
    val: part(['val1.txt'], 1_880),
    test: part(['test1.txt'], 1_880),
  },
  usage:
    'As OOD: all 5,640 images (MOS, ReAct and most since; ViM and OpenOOD v1.5 with ImageNet: 5,160). The reference implementation of FDE uses the val split alone. State which: they give different figures.',
  overlaps: [
    {
      id: 'imagenet-1k',
      removed: '4 of the 47 classes coincide with ImageNet classes (ViM; 5,160 images stay)',
      classes: ['bubbly', 'cobwebbed', 'honeycombed', 'spiralled'],
    },
  ],
  unverified: [
    'which four classes ViM removes: that there are four is stated in its code, their names are from memory',
  ],
};
