import { resolve } from 'node:path';
import {
  archiveImages,
  type EnsureOptions,
  findDataset,
  glyphsDataset,
  imageFolder,
  imageList,
  isIndexed,
  openDataset,
  type Samples,
  type Store,
  subset,
  take,
  withoutOverlap,
} from '@ood/datasets';
import type { SetSource } from '../tasks/task.ts';

export interface OpenSetOptions extends Pick<EnsureOptions, 'signal' | 'onProgress' | 'onWait'> {
  /** Folder that paths of the task are relative to. */
  readonly base: string;
  readonly store: Store;
  /** The ID data set, whose classes other sets of the catalog leave out. */
  readonly id?: string | undefined;
  /** Samples at most, evenly from all of a set. */
  readonly limit?: number | undefined;
}

/**
 * The images that a task names; a set of the catalog is downloaded where it is missing, and leaves out the classes that are ID.
 *
 * @throws DatasetError, CoreError for what is not there or damaged
 */
export async function openSet(source: SetSource, options: OpenSetOptions): Promise<Samples> {
  const samples = await openAll(source, options);
  const limits = [source.limit, options.limit].filter(limit => limit !== undefined);
  return limits.length === 0 ? samples : spread(samples, Math.min(...limits));
}

async function openAll(source: SetSource, { base, store, id, ...ensure }: OpenSetOptions): Promise<Samples> {
  if ('glyphs' in source) return (await glyphsDataset()).open(source.glyphs);
  if ('folder' in source) return imageFolder(resolve(base, source.folder));
  if ('archive' in source) return archiveImages(resolve(base, source.archive));
  if ('list' in source) return imageList(resolve(base, source.list), { root: resolve(base, source.root) });
  const entry = findDataset(source.dataset);
  const samples = await openDataset(entry, { store, ...ensure }).open(source.split);
  const whole = id === undefined || id === source.dataset || source.keepOverlap === true;
  return whole ? samples : withoutOverlap(entry, samples, { id });
}

/** At most so many samples; of a set in any order evenly from all of it, since sets are often sorted by class. */
function spread(samples: Samples, limit: number): Samples {
  if (!isIndexed(samples)) return take(samples, limit);
  if (samples.length <= limit) return samples;
  return subset(
    samples,
    Array.from({ length: limit }, (_, i) => Math.floor((i * samples.length) / limit)),
  );
}
