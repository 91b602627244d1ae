import type { CatalogEntry, CatalogFile } from '../entry.ts';

const BASE = 'http://ufldl.stanford.edu/housenumbers/';

function matFile(split: string, bytes: number, md5: string, sha256: string): CatalogFile {
  const name = `${split}_32x32.mat`;
  return { name, urls: [BASE + name], bytes, md5, sha256, format: 'mat', split };
}

export const svhn: CatalogEntry = {
  name: 'svhn',
  title: 'Street View House Numbers',
  description: 'Colour images of house-number digits, cropped to 32 × 32 pixels.',
  license: 'For non-commercial use only (stated on the homepage)',
  citation:
    'Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, "Reading Digits in Natural Images with Unsupervised Feature Learning", NIPS workshop, 2011',
  homepage: BASE,
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  files: [
    matFile(
      'train',
      182_040_794,
      'e26dedcc434d2e4c54c9b2d4a06d8373',
      '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
    ),
    matFile(
      'test',
      64_275_384,
      'eb5a983be6a315427106f1b164d9cef3',
      'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
    ),
    matFile(
      'extra',
      1_329_278_602,
      'a93ce644f1a588dc4d68dda5feec44a7',
      'a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
    ),
  ],
  splits: {
    train: { samples: 73_257, layout: { kind: 'svhn', file: 'train_32x32.mat' } },
    test: { samples: 26_032, layout: { kind: 'svhn', file: 'test_32x32.mat' } },
    extra: { samples: 531_131, layout: { kind: 'svhn', file: 'extra_32x32.mat' } },
  },
  usage: 'As far-OOD of CIFAR-10/100: test, all 26,032 images.',
  overlaps: [],
  unverified: [],
};
