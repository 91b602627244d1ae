import type { Waveform } from '../audio/waveform.ts';
import type { Box } from '../image/box.ts';
import type { PixelImage } from '../image/pixel-image.ts';
import type { PreparedTensor } from './prepared-tensor.ts';

interface SampleBase {
  /** Unique within its source and stable from run to run, e.g. a relative path. */
  readonly id: string;
  /** Class index; absent where there are no labels. */
  readonly label?: number;
}

/**
 * One input: an encoded image, decoded pixels (or a box of either), a recording (or the window of it that begins at `start` seconds), a
 * text (or a pair of texts), or what goes to the model as it is: a vector, or one row of each input of the model by its name, `dims`
 * without the batch. `unreadable` says why a place of the source holds nothing of these: it is refused with that reason, and counted.
 */
export type Sample =
  | (SampleBase & {
      readonly bytes: Uint8Array;
      readonly box?: Box | undefined;
      readonly start?: number | undefined;
    })
  | (SampleBase & { readonly waveform: Waveform; readonly start?: number | undefined })
  | (SampleBase & { readonly pixels: PixelImage; readonly box?: Box | undefined })
  | (SampleBase & { readonly text: string; readonly pair?: string })
  | (SampleBase & { readonly vector: Float32Array })
  | (SampleBase & { readonly tensors: Readonly<Record<string, PreparedTensor>> })
  | (SampleBase & { readonly unreadable: string });

/** Whether a sample is a part of an image. */
export function isBoxed(sample: Sample): sample is Sample & { readonly box: Box } {
  return 'box' in sample && sample.box !== undefined;
}

/** Whether a sample is a part of an image or of a recording. */
export function isPart(sample: Sample): boolean {
  return isBoxed(sample) || ('start' in sample && sample.start !== undefined);
}

/**
 * Samples in a fixed order. `length` where it is known beforehand; `read` where any sample can be read without those
 * before it, so that a shard or a resumed run reads only what it needs.
 */
export interface Samples extends AsyncIterable<Sample> {
  readonly length?: number | undefined;
  read?(index: number): Promise<Sample>;
  key?(index: number): { readonly id: string; readonly label?: number };
}

/** A sample that gave no row, and why. */
export interface Failure {
  /** Position in the source, counted from 0 over all shards. */
  readonly index: number;
  readonly id: string;
  /** Code of the error, e.g. `IMAGE_CORRUPT`, `NON_FINITE`. */
  readonly code: string;
  readonly reason: string;
}
