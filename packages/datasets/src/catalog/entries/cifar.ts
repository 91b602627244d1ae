import type { CatalogEntry } from '../entry.ts';

const CITATION =
  'A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, 2009';
const LICENCE = 'No license stated; free for research with citation';
const HOMEPAGE = 'https://www.cs.toronto.edu/~kriz/cifar.html';

export const cifar10: CatalogEntry = {
  name: 'cifar10',
  title: 'CIFAR-10',
  description: '60,000 colour images of 32 × 32 pixels in 10 classes (binary version).',
  license: LICENCE,
  citation: CITATION,
  homepage: HOMEPAGE,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  files: [
    {
      name: 'cifar-10-binary.tar.gz',
      urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
      bytes: 170_052_171,
      md5: 'c32a1d4ab5d03f1284b67883e8d87530',
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      format: 'gzip',
    },
  ],
  splits: {
    train: {
      samples: 50_000,
      layout: {
        kind: 'cifar',
        variant: 'cifar10',
        archive: 'cifar-10-binary.tar.gz',
        entries: [1, 2, 3, 4, 5].map(n => `cifar-10-batches-bin/data_batch_${n}.bin`),
      },
    },
    test: {
      samples: 10_000,
      layout: {
        kind: 'cifar',
        variant: 'cifar10',
        archive: 'cifar-10-binary.tar.gz',
        entries: ['cifar-10-batches-bin/test_batch.bin'],
      },
    },
  },
  usage:
    'ID: train and test. As near-OOD of CIFAR-100: test. OpenOOD v1.5 keeps 1,000 of the test images for validation and evaluates on 9,000; its image lists say which.',
  overlaps: [],
  unverified: ['license: the homepage names none'],
};

export const cifar100: CatalogEntry = {
  name: 'cifar100',
  title: 'CIFAR-100',
  description: '60,000 colour images of 32 × 32 pixels in 100 classes (binary version, fine labels).',
  license: LICENCE,
  citation: CITATION,
  homepage: HOMEPAGE,
  files: [
    {
      name: 'cifar-100-binary.tar.gz',
      urls: ['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz'],
      bytes: 168_513_733,
      md5: '03b5dce01913d631647c71ecec9e9cb8',
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      format: 'gzip',
    },
  ],
  splits: {
    train: {
      samples: 50_000,
      layout: {
        kind: 'cifar',
        variant: 'cifar100',
        archive: 'cifar-100-binary.tar.gz',
        entries: ['cifar-100-binary/train.bin'],
      },
    },
    test: {
      samples: 10_000,
      layout: {
        kind: 'cifar',
        variant: 'cifar100',
        archive: 'cifar-100-binary.tar.gz',
        entries: ['cifar-100-binary/test.bin'],
      },
    },
  },
  usage:
    'ID: train and test. As near-OOD of CIFAR-10: test (OpenOOD v1.5: 9,000 of it, the rest for validation).',
  overlaps: [],
  unverified: ['license: the homepage names none'],
};
