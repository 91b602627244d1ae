import type { Matrix } from '@ood/core';
import type { ModelProto, Runtime, SessionOptions, Tensor, TensorInfo } from '@ood/onnx';
import type { FixedInputs } from './fix-inputs.ts';

/** The classifier's last layer: logits = features · weightsᵀ + bias. */
export interface Head {
  /** `[classes, d]` */
  readonly weights: Matrix<Float32Array>;
  /** `[classes]` */
  readonly bias: Float32Array;
  /** Columns of the backbone's features where further layers stand behind the d that the head reads. Absent: d. */
  readonly featureSize?: number;
}

/**
 * How a tensor of more than two dimensions becomes one feature vector per sample: all values one after the other; the first
 * token, the last, or the mean over tokens, where the model has an attention mask those that it lets through; the mean over the space of
 * `[batch, channels, height, width]`, or of `[batch, height, width, channels]`.
 */
export type Pooling = 'none' | 'cls' | 'last' | 'mean' | 'mean-channels-last';

/** The same for a layer beside the features, or the mean over the last axis of `[batch, channels, length]`. */
export type LayerPooling = Pooling | 'mean-channels-first';

/** A model of TensorFlow.js in memory: `tf.LayersModel` or `tf.GraphModel`. */
export interface TfjsModel {
  readonly name?: string;
  readonly inputs: readonly { readonly name: string }[];
  readonly weights: unknown;
  predict(...inputs: never[]): unknown;
}

export interface BackboneOptions extends SessionOptions {
  /** The engine, also for trying the model out. Default: onnxruntime-node, loaded when first needed. */
  readonly runtime?: Runtime;
  /**
   * Whether the caller vouches for the model. One that nobody vouched for is tried out in a process of its own, with a deadline
   * and a memory limit, before it runs in this one. Default: false.
   */
  readonly trusted?: boolean;
  /** Longest time for loading a model that is tried out, and for each run of it, in ms. Default: 120,000. */
  readonly deadline?: number;
  /** Most memory of the process in which it is tried out, in bytes. Default: half of the machine's, at most 16 GiB. */
  readonly maxMemory?: number;
  /** Ends the opening. */
  readonly signal?: AbortSignal | undefined;
  /** Tensor of the graph that holds the features. Default: the input of the classification head, else the only output. */
  readonly layer?: string;
  /**
   * `'auto'` looks for a head. It takes the only output as features where there is none and no linear layer above it makes as
   * many values; else what looks like logits without a head, and a head that cannot be proved, are errors.
   * `'require'` fails without a head; `'none'` says that the output is an embedding. Default: `'auto'`.
   */
  readonly head?: 'auto' | 'require' | 'none';
  /**
   * For features of three or four dimensions. Default: `'cls'` for `[batch, tokens, d]`, `'mean'` for maps, or
   * `'mean-channels-last'` where their shape (like `[batch, 7, 7, 768]`) says so.
   */
  readonly pooling?: Pooling;
  /**
   * Further layers, whose pooled values stand behind the penultimate features f in each row: `[f, ¼ |f| m₁/|m₁|, ¼ |f| m₂/|m₂|, …]`, so
   * that the head reads f as ever, and a row divided by its norm, as densities take it, is the concatenation of unit vectors, the further ones
   * a quarter as long. `'stage-ends'`
   * finds in the graph the last map before each downsampling (mean over space), or the residual stream of a transformer after a quarter,
   * half and three quarters of its blocks (class token, or mean where there is none). Or tensors by name. Default: none.
   */
  readonly layers?: 'stage-ends' | readonly string[] | undefined;
  /** Largest accepted difference of W·f + b from the logits, relative to the largest logit. Default: 1e-3, or 0.1 for quantized models. */
  readonly tolerance?: number;
  /** Sizes for free dimensions other than the batch, by name or by `input:axis`, e.g. `{ height: 224, width: 224 }`. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
  /**
   * Values of inputs that are the same for every sample: `{ sr: 16000, state: 0 }`. They become constants of the graph, so that
   * nobody feeds them any more. A number fills an input of any shape; a list gives each element of one whose sizes are fixed.
   */
  readonly inputs?: FixedInputs;
}

/** Features of a batch, and the logits where the model has a proved head. */
export interface BackboneOutput {
  /** `[batch, d]` */
  readonly features: Matrix<Float32Array>;
  /** `[batch, classes]` */
  readonly logits?: Matrix<Float32Array>;
  /** Whatever else a model of one's own says of each row, by name, `[batch, k]` each: a score, a p-value. A backbone has none. */
  readonly extra?: Readonly<Record<string, Matrix<Float32Array>>>;
}

/** The proof that the head was read rightly: W·f + b against the logits that the graph itself computes. */
export interface HeadProof {
  readonly proved: boolean;
  /** Largest absolute difference, and the same relative to the largest absolute logit. */
  readonly maxDifference: number;
  readonly relativeDifference: number;
  readonly tolerance: number;
  readonly probeRows: number;
}

/** A tensor that could serve as `layer`. */
export interface LayerCandidate {
  readonly tensor: string;
  /** Operator that makes it. */
  readonly opType: string;
  readonly dims: TensorInfo['dims'] | null;
}

/** Where in a feature vector a layer stands. */
export interface LayerPart {
  readonly tensor: string;
  readonly pooling: LayerPooling;
  /** Columns `start` to `start + size`. */
  readonly start: number;
  readonly size: number;
}

/**
 * What a classifier's logits mean: one of the classes is right (`softmax`); the one class is right or not (`sigmoid-binary`); each
 * class is right or not by itself (`multi-label`). Of several logits without an activation in the graph, `softmax` is assumed.
 */
export type Decision = 'softmax' | 'sigmoid-binary' | 'multi-label';

/** What was found in the model, as JSON-able data. */
export interface BackboneDescription {
  readonly model: { readonly sha256: string; readonly bytes: number; readonly source: string };
  readonly runtime: { readonly name: string; readonly version: string };
  /** Those that are fed. */
  readonly inputs: readonly TensorInfo[];
  /** Values of the inputs that the caller fixed; absent where none is. */
  readonly fixedInputs?: FixedInputs;
  readonly layer: string;
  readonly pooling: Pooling;
  /** The parts of a feature vector, first that of `layer`; absent where `layer` is all of it. */
  readonly layers?: readonly LayerPart[];
  readonly featureSize: number;
  /** Rows that the graph takes at once, where it is bound to a number; `run` takes any. */
  readonly batchSize: number | null;
  readonly head:
    | {
        readonly kind: string;
        /** Name of the node, or of its output where it has none. */
        readonly node: string;
        readonly logits: string;
        readonly classes: number;
        readonly decision: Decision;
        readonly proof: HeadProof;
      }
    | { readonly missing: string };
  readonly candidates: readonly LayerCandidate[];
}

/** The part of a model that makes features `[batch, d]` and logits `[batch, classes]`, both float32. */
export interface BackboneGraph {
  readonly model: ModelProto;
  /** Names of the outputs. */
  readonly features: string;
  readonly logits: string | undefined;
}

/** A pretrained model as a source of features. Holds native memory: call `close()` when done. */
export interface Backbone {
  /** All inputs of the model that are fed; most have one. */
  readonly inputs: readonly TensorInfo[];
  /** Shape of the first input as declared; its first dimension is the batch. */
  readonly inputShape: TensorInfo['dims'];
  /** Length d of a feature vector. */
  readonly featureSize: number;
  /** The proved classification head, if the model has one. */
  readonly head?: Head;
  /** Cores that the engine keeps busy while it computes: `threads` as given, 1 for a device beside the CPU; absent: all. */
  readonly busyCores?: number;
  /**
   * Features (and logits) of a batch: a tensor for a model of one input, tensors by name otherwise.
   *
   * @throws FeaturesError `WRONG_INPUT` naming what does not fit
   */
  run(batch: Tensor | Readonly<Record<string, Tensor>>): Promise<BackboneOutput>;
  /** What was found in the model and how it was proved, as JSON-able data. */
  describe(): BackboneDescription;
  /**
   * The graph behind `run`, to be joined to others (`joinModels`) and exported: features and logits alone, or with `keepOutputs` after all
   * outputs that the model itself has, for programs that go on reading those.
   */
  graph(options?: { readonly keepOutputs?: boolean }): BackboneGraph;
  close(): Promise<void>;
}
