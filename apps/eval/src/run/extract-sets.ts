import { join } from 'node:path';
import { Store } from '@ood/datasets';
import {
  type ExtractProgress,
  extractToStore,
  type Head,
  openBackbone,
  preprocessingFor,
  preset,
} from '@ood/features';
import type { TaskBackbone, TaskSets } from '../tasks/task.ts';
import { modelFile } from './model-file.ts';
import { openSet } from './open-set.ts';
import type { PrepareOptions } from './prepare-options.ts';

export interface Extracted {
  readonly folder: string;
  readonly near: readonly string[];
  readonly head: Head | undefined;
  readonly unusable: Readonly<Record<string, number>>;
}

/** Runs a model on all sets of a task; sets that are finished are taken as they are, one that was interrupted goes on. */
export async function extractSets(
  sets: TaskSets,
  { name, model, preprocess, layer, layers, head, pooling }: TaskBackbone,
  options: PrepareOptions & { readonly folder: string },
): Promise<Extracted> {
  const { folder, base, limit, threads, signal, now, onProgress } = options;
  const opened = await openBackbone(await modelFile(model!, options), {
    threads,
    signal,
    ...(layer !== undefined && { layer }),
    ...(layers !== undefined && { layers }),
    ...(head !== undefined && { head }),
    ...(pooling !== undefined && { pooling }),
  });
  try {
    const [input] = opened.inputs;
    const preprocessing =
      typeof preprocess === 'string' ? preprocessingFor(preset(preprocess), input!) : preprocess;
    const store = new Store(options.store);
    const id = 'dataset' in sets.idTrain ? sets.idTrain.dataset : undefined;
    const unusable: Record<string, number> = {};
    const named = [
      ['id-train', sets.idTrain],
      ['id-test', sets.idTest],
      ...sets.ood.map(set => [`ood-${set.name}`, set] as const),
    ] as const;
    for (const [set, source] of named) {
      const samples = await openSet(source, {
        base,
        store,
        limit,
        signal,
        ...(set.startsWith('ood-') && { id }),
        onProgress: ({ done, total, file }) =>
          onProgress?.({ stage: 'download', part: `${file}`, done, ...(total !== undefined && { total }) }),
      });
      const { failures } = await extractToStore(join(folder, `${set}.arrow`), opened, samples, {
        ...(preprocessing && { preprocessing }),
        ...(signal && { signal }),
        ...(now && { now }),
        verify: 'ids',
        onProgress: ({ done, total, imagesPerSecond }: ExtractProgress) =>
          onProgress?.({
            stage: 'extract',
            part: `${name}: ${set}`,
            done,
            ...(total !== undefined && { total }),
            ...(imagesPerSecond !== undefined && { imagesPerSecond }),
          }),
      });
      if (failures.length > 0) unusable[set] = failures.length;
    }
    const near = sets.ood.filter(({ group }) => group === 'near').map(one => one.name);
    return { folder, near, head: opened.head, unusable };
  } finally {
    await opened.close();
  }
}
