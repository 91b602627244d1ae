/** What is known of a sample without reading it. */
export interface SampleKey {
  /** Unique within its split and stable from run to run: a relative path, or `name/row`. */
  readonly id: string;
  /** Class index into the data set's `classes`; absent where there are no labels. */
  readonly label?: number;
  /** What must not be torn apart by a split: type family, author, patient, video. */
  readonly group?: string;
}

/** Decoded pixels: row by row, channels interleaved (`[height, width, channels]`), 0 … 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** `width · height · channels` bytes. */
  readonly data: Uint8Array;
}

/**
 * A part of an image in its pixels: from `(x1, y1)`, the upper left corner, to `(x2, y2)`, where pixel `i` covers `[i, i + 1)`.
 * Whatever a file says: whether it is a box, and inside its image, is found out when it is cut.
 */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A sample as an encoded image file (JPEG, PNG, …), to be decoded by whoever extracts features. */
export interface BytesSample extends SampleKey {
  readonly bytes: Uint8Array;
  /** The part of the image that is meant. Default: all of it. */
  readonly box?: Box;
}

/** A sample as decoded pixels. */
export interface PixelsSample extends SampleKey {
  readonly pixels: Pixels;
  /** The part of the image that is meant. Default: all of it. */
  readonly box?: Box;
}

/** A sample as a vector `[dim]`, e.g. ready features. */
export interface VectorSample extends SampleKey {
  readonly vector: Float32Array;
}

/** One sample of a data set; exactly one of `bytes`, `pixels`, `vector` is there. */
export type Sample = BytesSample | PixelsSample | VectorSample;

/** Whether the sample is an encoded image file. */
export function isBytesSample(sample: Sample): sample is BytesSample {
  return 'bytes' in sample;
}

/** Whether the sample has decoded pixels. */
export function isPixelsSample(sample: Sample): sample is PixelsSample {
  return 'pixels' in sample;
}

/** Whether the sample is a vector. */
export function isVectorSample(sample: Sample): sample is VectorSample {
  return 'vector' in sample;
}

/** The key of a sample: its `id`, and `label` and `group` where it has them. */
export function keyOf(sample: SampleKey): SampleKey {
  return {
    id: sample.id,
    ...(sample.label === undefined ? {} : { label: sample.label }),
    ...(sample.group === undefined ? {} : { group: sample.group }),
  };
}
