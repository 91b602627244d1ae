import type { DecodeOptions } from '../image/decode.ts';
import type { PreparedTensor } from './prepared-tensor.ts';
import type { Sample } from './sample.ts';
import type { SharedDecoder } from './shared-decoder.ts';

/** One sample as a model takes it: a row of each input, by its name. */
export type PreparedRow = Readonly<Record<string, PreparedTensor>>;

export interface PrepareOptions extends Pick<DecodeOptions, 'maxPixels' | 'animated'> {
  /** Decodes the images of boxes, for a caller whose boxes of one image come in several extractions. Default: one of its own. */
  readonly decoder?: SharedDecoder;
}

/** Turns samples into rows of a model's inputs, several at once. */
export interface SamplePreparer {
  /** @throws FeaturesError saying what is wrong with the sample */
  prepare(sample: Sample): PreparedRow | Promise<PreparedRow>;
  /** Makes the rows of one batch equally long, e.g. by padding. Absent: rows of another shape begin another batch. */
  collate?(rows: readonly PreparedRow[]): readonly PreparedRow[];
  /** Lets a later sample be written where this one is: a new array for each keeps the garbage collector busy. */
  recycle?(row: PreparedRow): void;
  /** Rows of a batch where nobody says how many. Default: as many as make about 5 million values, at most 256. */
  readonly batchSize?: number;
}

/** Whether two rows can be stacked. */
export function sameShape(a: PreparedRow, b: PreparedRow): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(name => {
      const [x, y] = [a[name]!, b[name]];
      return (
        x.type === y?.type &&
        x.dims.length === y.dims.length &&
        x.dims.every((dim, axis) => dim === y.dims[axis])
      );
    })
  );
}
