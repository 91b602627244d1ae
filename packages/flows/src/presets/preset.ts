import type { Random } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import type { Matrix, Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import type { TrainingSettings } from '../training/settings.ts';

/** How a preset is trained unless told otherwise. */
export interface TrainingDefaults {
  readonly optimizer: 'adam' | 'adamw';
  readonly learningRate: number;
  /** Cosine: down to zero over all epochs. */
  readonly schedule: 'constant' | 'cosine';
  readonly batchSize: number;
  readonly epochs: number;
  /** Decoupled weight decay (AdamW); ignored by Adam. */
  readonly weightDecay: number;
  /** Largest global gradient norm; null: no clipping. */
  readonly clipNorm: number | null;
  /** Standard deviation of the Gaussian noise added to prepared rows. */
  readonly noise: number;
  /** Share of the rows held out to measure the likelihood that decides which weights are kept; 0: keep the last. */
  readonly validationFraction: number;
  /** Stop after this many epochs without a better validation likelihood; null: never. */
  readonly patience: number | null;
  /** Where between the first weights (0) and the trained ones (1) those returned lie. Default: 1. */
  readonly interpolation?: number;
}

/** Rows (and their classes, where known) from which a preset learns what training does not: whitening, class means. */
export interface Sample {
  readonly features: Matrix;
  /** Class of each row; any integers. */
  readonly labels?: Int32Array;
}

/** A model with its weights before training; data-dependent initialization (`model.adapt`) is still to come. */
export interface InitialFlow {
  readonly model: FlowModel;
  readonly weights: Weights;
}

export interface BuildOptions {
  /** What multiplies large matrices. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
}

/** A named recipe: which flow to build for given data, and how to train it. */
export interface Preset {
  readonly name: string;
  /** Settings of `fit` unless it is told otherwise; what is left out is `fit`'s own default. */
  readonly training: Partial<TrainingSettings>;
  build(sample: Sample, rng: Random, options?: BuildOptions): Promise<InitialFlow>;
}
