import type { Box, Decision, PixelImage, PreparedTensor, Sample, Waveform } from '@ood/features';
import type { Warning } from '../calibration/warnings.ts';
import type { Manifest } from '../folder/manifest.ts';

/**
 * An encoded image (JPEG, PNG …) or decoded pixels, or a box of either; an encoded recording (WAV, FLAC) or a waveform, or the window of
 * either that begins at `start` seconds; a text or a pair of texts; for models of vectors a vector; for any model one row of
 * each of its inputs, by their names.
 */
export type GuardInput =
  | Uint8Array
  | PixelImage
  | { readonly image: Uint8Array | PixelImage; readonly box: Box }
  | Waveform
  | { readonly audio: Uint8Array | Waveform; readonly start?: number }
  | string
  | { readonly text: string; readonly pair?: string }
  | Float32Array
  | { readonly tensors: Readonly<Record<string, PreparedTensor>> };

/** A class, and how probable the backbone finds it. */
export interface ClassProbability {
  readonly index: number;
  /** Name of the class, where the guard knows names. */
  readonly name?: string;
  readonly probability: number;
}

/** The class that the backbone itself predicts. It says nothing about whether the input is ID. */
export interface Prediction extends ClassProbability {
  /** What the logits mean, from which the rest follows. */
  readonly decision: Decision;
  /** Column of the largest logit; with `sigmoid-binary` 1 for the class and 0 for not the class. */
  readonly index: number;
  /** Softmax of the logits at that column; of one logit or of several labels the sigmoid, of the side that is predicted. */
  readonly probability: number;
  /** With `multi-label`: all labels whose sigmoid is at least ½, most probable first; often none. */
  readonly labels?: readonly ClassProbability[];
}

/** What the guard says of one input. */
export interface Verdict {
  /** Whether the score is above the calibrated threshold. */
  readonly isOod: boolean;
  /** The detector's score: higher = more out-of-distribution. */
  readonly score: number;
  /** Conformal p-value (1 + #{calibration ≥ score}) / (n + 1); `isOod` says that it is at most alpha. */
  readonly pValue: number;
  /** Absent for a backbone without a classification head. */
  readonly prediction?: Prediction;
  /** Logits of the backbone, `[classes]`; absent as above. */
  readonly logits?: Float32Array;
}

/** An input that gave no verdict, and why. It must not be taken for in-distribution. */
export interface Refusal {
  /** Code of the error, e.g. `IMAGE_CORRUPT`. */
  readonly code: string;
  readonly reason: string;
}

/** One of many inputs. */
export type Outcome =
  | { readonly id: string; readonly verdict: Verdict }
  | { readonly id: string; readonly refusal: Refusal };

/** A latent or feature dimension and how far from usual it is. */
export interface SurprisingDimension {
  readonly dimension: number;
  readonly value: number;
  /** Mean over the training rows (features), or the nearest component's mean (latents). */
  readonly usual: number;
  /** Distance from `usual` in standard deviations, signed. */
  readonly deviations: number;
}

/** Where a score comes from. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly detector: string;
  /** The class whose mean of l2-normalised training features is nearest, by cosine. */
  readonly nearestClass?: { readonly index: number; readonly name?: string; readonly cosine: number };
  /** Feature dimensions furthest from the training rows, most surprising first. */
  readonly features: readonly SurprisingDimension[];
  /** For flow densities: log p = base + Σ layers, in nats. */
  readonly density?: {
    readonly logProb: number;
    readonly base: number;
    readonly layers: readonly { readonly name: string; readonly kind: string; readonly logDet: number }[];
    /** Latent dimensions that cost the base term most, most surprising first. */
    readonly latents: readonly SurprisingDimension[];
  };
}

/** All of an explanation but the verdict. */
export type RawExplanation = Omit<Explanation, 'verdict'>;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface StreamOptions extends CallOptions {
  /** Inputs that the model takes at once. Default: 16. */
  readonly batchSize?: number;
}

/**
 * An open guard. Calls may overlap; they are worked off in turn, and an abort ends the wait of a call at once. A thread that ends
 * fails the calls it had, and the next call starts another. Holds native memory and a thread: call `close()` when done.
 */
export interface Guard {
  /** Digest of the whole guard, as `guardDigest` gives it. */
  readonly digest: string;
  /** What is lost or doubtful about it; none for a guard made as it should be. */
  readonly warnings: readonly Warning[];
  /** What the guard is made of and what it guarantees, as stored in its folder. */
  describe(): Manifest;
  /**
   * The verdict on one input.
   *
   * @throws GuardError `BAD_INPUT` for an input that cannot be decoded, prepared or scored; `QUEUE_FULL`, `CLOSED`;
   *   CoreError `ABORTED`, `WORKER_FAILED`
   */
  check(input: GuardInput, options?: CallOptions): Promise<Verdict>;
  /** Outcomes of many inputs, in order; one that cannot be scored is refused and does not end the batch. */
  checkBatch(inputs: readonly GuardInput[], options?: StreamOptions): Promise<Outcome[]>;
  /** Outcomes of a source of any length, in order and in bounded memory. */
  checkStream(
    samples: AsyncIterable<Sample> | Iterable<Sample>,
    options?: StreamOptions,
  ): AsyncGenerator<Outcome>;
  /** Where the score of an input comes from. @throws as `check` */
  explain(input: GuardInput, options?: CallOptions): Promise<Explanation>;
  /** Waits for calls under way and refuses new ones; a stream ends with an error before its next batch. */
  close(): Promise<void>;
}
