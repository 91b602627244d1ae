import type { ExtractOptions } from '@ood/features';
import type { CreateGuardOptions, CreateProgress } from './options.ts';

/** How samples are extracted at a stage of making a guard. */
export function extraction(
  stage: CreateProgress['stage'],
  { preprocessing, signal, now, onProgress }: CreateGuardOptions,
): ExtractOptions {
  return {
    preprocessing,
    signal,
    now,
    onProgress: ({ done, total, imagesPerSecond, failures }) =>
      onProgress?.({
        stage,
        failures,
        ...(total !== undefined && { fraction: done / total }),
        ...(imagesPerSecond !== undefined && { imagesPerSecond }),
      }),
  };
}
