import type { CatalogEntry } from '../entry.ts';

export const imagenet1k: CatalogEntry = {
  name: 'imagenet-1k',
  title: 'ImageNet-1k (ILSVRC 2012)',
  description:
    '1,281,167 training and 50,000 validation images in 1,000 classes; a folder a class, named by WordNet id.',
  license: 'Non-commercial research and education only; the terms must be accepted at image-net.org',
  citation: 'O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015',
  homepage: 'https://image-net.org/challenges/LSVRC/2012/',
  files: [],
  splits: {
    train: { samples: 1_281_167, layout: { kind: 'folder', folder: 'train', classes: 'folders' } },
    val: { samples: 50_000, layout: { kind: 'folder', folder: 'val', classes: 'folders' } },
  },
  usage:
    'ID: train to fit, val to evaluate (OpenOOD v1.5: 45,000 of val, the other 5,000 for validation). The validation images must lie in a folder a class, as for torchvision.',
  overlaps: [],
  unverified: [],
};

export const tinyImagenet: CatalogEntry = {
  name: 'tiny-imagenet',
  title: 'Tiny ImageNet',
  description: '110,000 labeled images of 64 × 64 pixels in 200 classes of ImageNet.',
  license: 'No license stated; the images are those of ImageNet',
  citation: 'Y. Le, X. Yang, "Tiny ImageNet Visual Recognition Challenge", Stanford CS231n, 2015',
  homepage: 'http://cs231n.stanford.edu/',
  files: [
    {
      name: 'tiny-imagenet-200.zip',
      urls: ['http://cs231n.stanford.edu/tiny-imagenet-200.zip'],
      bytes: 248_100_043,
      md5: '90528d7ca1a48142e341f4ef8d21d0de',
      sha256: '6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821',
      format: 'zip',
    },
  ],
  splits: {
    train: {
      samples: 100_000,
      layout: { kind: 'tiny-imagenet', archive: 'tiny-imagenet-200.zip', part: 'train' },
    },
    val: {
      samples: 10_000,
      layout: { kind: 'tiny-imagenet', archive: 'tiny-imagenet-200.zip', part: 'val' },
    },
  },
  usage: 'As near-OOD of CIFAR-10/100: val.',
  overlaps: [
    {
      id: 'cifar10',
      removed:
        'OpenOOD v1.5 removes 1,207 val images that show CIFAR classes and keeps 7,793 for the test; its image lists say which',
    },
    { id: 'cifar100', removed: 'the same list as for CIFAR-10' },
  ],
  unverified: [
    'OpenOOD’s counts of removed images: from memory of its paper',
    'checksums: agreed on by many independent projects, not published by the authors',
  ],
};
