import type { CatalogEntry, CatalogFile } from '../entry.ts';

function idxFile(
  name: string,
  bytes: number,
  [md5, sha256]: readonly [string, string],
  bases: readonly string[],
): CatalogFile {
  const split = name.startsWith('train') ? 'train' : 'test';
  return { name, urls: bases.map(base => base + name), bytes, md5, sha256, format: 'gzip', split };
}

const SPLITS: CatalogEntry['splits'] = {
  train: {
    samples: 60_000,
    layout: { kind: 'idx', images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  },
  test: {
    samples: 10_000,
    layout: { kind: 'idx', images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
  },
};

const MNIST_MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

export const mnist: CatalogEntry = {
  name: 'mnist',
  title: 'MNIST',
  description: '70,000 grey images of handwritten digits, 28 × 28 pixels.',
  license: 'CC-BY-SA-3.0',
  citation:
    'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE, 1998',
  homepage: 'http://yann.lecun.com/exdb/mnist/',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  files: [
    idxFile(
      'train-images-idx3-ubyte.gz',
      9_912_422,
      [
        'f68b3c2dcbeaaa9fbdd348bbdeb94873',
        '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      ],
      MNIST_MIRRORS,
    ),
    idxFile(
      'train-labels-idx1-ubyte.gz',
      28_881,
      [
        'd53e105ee54ea40749a09fcbcd1e9432',
        '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      ],
      MNIST_MIRRORS,
    ),
    idxFile(
      't10k-images-idx3-ubyte.gz',
      1_648_877,
      [
        '9fb629c4189551a2d022fa330f9573f3',
        '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      ],
      MNIST_MIRRORS,
    ),
    idxFile(
      't10k-labels-idx1-ubyte.gz',
      4_542,
      [
        'ec29112dd5afa0611ce80d1b7f02629c',
        'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      ],
      MNIST_MIRRORS,
    ),
  ],
  splits: SPLITS,
  usage:
    'ID: train and test. As far-OOD of CIFAR-10/100, OpenOOD v1.5 uses all 70,000 images (train and test together).',
  overlaps: [],
  unverified: [
    'license: stated by mirrors, not by a file of the data set',
    'OpenOOD v1.5 using train and test: from memory of its image list',
  ],
};

const FASHION = ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'];

export const fashionMnist: CatalogEntry = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  description: '70,000 grey images of clothes, 28 × 28 pixels, in the format of MNIST.',
  license: 'MIT',
  citation:
    'H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017',
  homepage: 'https://github.com/zalandoresearch/fashion-mnist',
  classes: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  files: [
    idxFile(
      'train-images-idx3-ubyte.gz',
      26_421_880,
      [
        '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      ],
      FASHION,
    ),
    idxFile(
      'train-labels-idx1-ubyte.gz',
      29_515,
      [
        '25c81989df183df01b3e8a0aad5dffbe',
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      ],
      FASHION,
    ),
    idxFile(
      't10k-images-idx3-ubyte.gz',
      4_422_102,
      [
        'bef4ecab320f06d8554ea6380940ec79',
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      ],
      FASHION,
    ),
    idxFile(
      't10k-labels-idx1-ubyte.gz',
      5_148,
      [
        'bb300cfdad3c16e7a12a480ee83cd310',
        '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      ],
      FASHION,
    ),
  ],
  splits: SPLITS,
  usage: 'As OOD of MNIST: test.',
  overlaps: [],
  unverified: [],
};
