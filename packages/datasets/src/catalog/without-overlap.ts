import { exceptClasses, labelsNamed } from '../combine/classes.ts';
import type { Sample } from '../contract/sample.ts';
import type { Samples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import type { CatalogEntry } from './entry.ts';

/**
 * OOD samples of the catalog without the classes that are ID for the data set named `id` (e.g. Textures without four
 * of its classes where ImageNet-1k is ID). The samples themselves where nothing is known to overlap.
 *
 * @throws DatasetError `OVERLAP_NOT_BY_CLASS` where single images are removed instead of classes; the message says how
 *   many and by whom.
 */
export function withoutOverlap<S extends Sample>(
  entry: CatalogEntry,
  samples: Samples<S> & { readonly classes?: readonly string[] },
  { id }: { readonly id: string },
): Samples<S> {
  const overlap = entry.overlaps.find(candidate => candidate.id === id);
  if (overlap === undefined || overlap.classes?.length === 0) return samples;
  if (overlap.classes !== undefined && samples.classes !== undefined) {
    return exceptClasses(samples, labelsNamed(samples.classes, overlap.classes));
  }
  throw new DatasetError('OVERLAP_NOT_BY_CLASS', {
    where: `${entry.name} with ${id} as ID`,
    expected: 'whole classes to remove',
    got: overlap.removed,
    advice: 'read the images of such a list with imageList, or evaluate on all and say so',
  });
}
