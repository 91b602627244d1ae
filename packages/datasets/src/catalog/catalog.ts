import { DatasetError } from '../errors.ts';
import { cifar10, cifar100 } from './entries/cifar.ts';
import { imagenet1k, tinyImagenet } from './entries/imagenet.ts';
import { fashionMnist, mnist } from './entries/mnist.ts';
import { inaturalist, places, sun } from './entries/mos.ts';
import { ninco, openimageO, places365, ssbHard } from './entries/openood.ts';
import { svhn } from './entries/svhn.ts';
import { textures } from './entries/textures.ts';
import type { CatalogEntry } from './entry.ts';

/** The public data sets of the FDE paper and of OpenOOD v1.5. */
export const catalog: readonly CatalogEntry[] = [
  cifar10,
  cifar100,
  imagenet1k,
  tinyImagenet,
  mnist,
  fashionMnist,
  svhn,
  textures,
  inaturalist,
  sun,
  places,
  places365,
  ssbHard,
  ninco,
  openimageO,
];

/** The entry of that name. @throws DatasetError `UNKNOWN_DATASET`, with the names there are. */
export function findDataset(name: string): CatalogEntry {
  const entry = catalog.find(candidate => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new DatasetError('UNKNOWN_DATASET', {
    where: 'catalog',
    expected: `one of ${catalog.map(candidate => candidate.name).join(', ')}`,
    got: JSON.stringify(name),
    advice: 'choose one of these',
  });
}
