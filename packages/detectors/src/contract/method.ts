import type { DenseArray, Rows, Rule } from '@ood/core';
import type { ModelProto } from '@ood/onnx';
import type { Products } from '../linear-algebra/products.ts';
import type { OptionValue, ScoreOptions, ToOnnxOptions } from './detector.ts';
import type { Environment } from './environment.ts';
import type { Head, Need, Reading, TrainingSource } from './rows.ts';
import type { Stored } from './sides.ts';
import type { Training } from './training.ts';

export type MethodOptions = Readonly<Record<string, OptionValue>>;

/** An array that fitting found. */
export type NumericArray = DenseArray<Float64Array | Float32Array | Int32Array | Uint8Array>;

/** All that fitting found: enough to score, to save and to export. */
export interface Fitted<Options = MethodOptions> {
  readonly options: Options;
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, NumericArray>>;
  readonly widths: Readonly<Partial<Record<Reading, number>>>;
  /** Columns of the feature rows that are handed in, where the method reads the first `widths.features` of them alone. */
  readonly rowSize?: number | undefined;
  readonly labels?: 'given' | 'predicted';
  /** What a reader should know before trusting the scores. */
  readonly warnings?: readonly string[];
  /** Threads of the fit. */
  readonly threads?: number | undefined;
}

/** What `fit` of a method returns; the rest of `Fitted` is added to it. */
export type Found = Partial<Pick<Fitted, 'numbers' | 'arrays' | 'warnings'>> & {
  readonly options?: MethodOptions;
};

/** The progress of a fit: rows seen of all passes so far, or steps of a flow's training. */
export interface FitProgress {
  /** Name of the method. */
  readonly stage: string;
  readonly done: number;
  readonly total?: number | undefined;
}

export interface FitSettings extends Environment {
  /** The classifier's last layer: for methods that need it, and for logits where the rows have none. */
  readonly head?: Head | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FitProgress) => void) | undefined;
}

/** What a method's `fit` works with. */
export interface FitContext extends FitSettings {
  readonly products: Products;
  /** The rows as they were handed in. */
  readonly source: TrainingSource;
}

/** A fitted method that can score; holds native memory. */
export interface Scorer {
  score(rows: Required<Rows>, options: ScoreOptions): Promise<Float64Array>;
  close(): Promise<void>;
}

/**
 * One detector: fitting on one side, scoring and exporting on the other, plain data between. `N` is what it needs, so that the types of
 * a fit can ask for it; without it, it is checked at run time alone.
 */
export interface Method<Options extends object = MethodOptions, N extends Need = Need> {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly needs: readonly N[];
  readonly reads: readonly Reading[];
  /** Whether it reads whole rows, further layers included, though it has to do with logits: a fused one, whose parts see to that. */
  readonly wholeRows?: boolean;
  readonly defaults: Options;
  /** What each option must be. */
  readonly rules: Readonly<Record<keyof Options, Rule>>;
  /** Refuses options that cannot be together. */
  check?(options: Options): void;
  /** What every fit finds; where there is a choice, it may look at what was found. */
  stores?(fitted: Fitted<Options>): Stored;
  /** Absent where nothing is fitted. */
  fit?(training: Training, options: Options, context: FitContext): Promise<Found>;
  open(fitted: Fitted<Options>, environment: Environment): Scorer;
  toOnnx(
    fitted: Fitted<Options>,
    names: Required<ToOnnxOptions>,
    environment: Environment,
  ): Promise<ModelProto>;
}

/** A method whatever its options. */
// biome-ignore lint/suspicious/noExplicitAny: methods of different options have no other common type.
export type AnyMethod = Method<any>;
