import type { NamedArrays } from '../contract/arrays.ts';
import type { AdamStep } from '../optimizer/adam-options.ts';
import type { Batch } from '../training/batch-feed.ts';

/** What an engine keeps of every parameter: its value, its two moments, and its running average. */
export type StateKind = 'value' | 'first' | 'second' | 'average';

/**
 * A place where training happens: it owns parameters, gradients and moments, and does the arithmetic of a step. The loop
 * decides what happens when; that two engines get the same numbers within float32 is a test.
 */
export interface TrainingEngine {
  /** Name and version of what computes, for provenance. */
  readonly name: string;
  /** Data-dependent initialization from a batch. `noise` has `rows × dim` numbers, or is absent. */
  adapt(batch: Batch, noise?: Float32Array): Promise<void>;
  /** Mean negative log-likelihood of a batch in nats; leaves its gradients in place for `update`. */
  gradients(batch: Batch, noise?: Float32Array): Promise<number>;
  /** One step of the optimizer, and of the running average; returns the gradient norm where it was computed. */
  update(step: AdamStep): Promise<number | null>;
  /** log p of rows with the current or the averaged weights. */
  logProb(batch: Batch, noise: Float32Array | undefined, weights: 'value' | 'average'): Promise<Float32Array>;
  /** One kind of state as it is now, valid until the next step: copy what must last. Empty for a kind not kept. */
  read(kind: StateKind): Promise<NamedArrays>;
  write(kind: StateKind, arrays: NamedArrays): Promise<void>;
  close(): Promise<void>;
}
