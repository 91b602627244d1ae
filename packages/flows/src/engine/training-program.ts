/** Names of the tensors that are not weights. */
export const rowsInput = 'x';
export const noiseInput = 'noise';

/** A model's training as graphs: plain data that a worker can take. */
export interface TrainingProgram {
  /** x, noise, parameters → `loss` and `grad.<name>`. */
  readonly step: Uint8Array;
  /** x, noise, parameters → `logProb`. */
  readonly evaluate: Uint8Array;
  /** x, noise, parameters → new values as `adapted.<name>`; absent where nothing is initialized from data. */
  readonly adapt: Uint8Array | undefined;
  readonly noisy: boolean;
  readonly cols: number;
  readonly dim: number;
}

/** What the outputs of `adapt` are called: the parameter's name behind `adapted.`. */
export const adaptedPrefix = 'adapted';
