import type { EpochRecord, ValidationRecord } from './history.ts';

/** Where training stands, besides the engine's arrays and the best weights. Plain JSON. */
export interface TrainingState {
  /** Steps taken. */
  step: number;
  /** Epoch under way, from 0. */
  epoch: number;
  /** Batches of that epoch already taken. */
  batch: number;
  /** Sum of that epoch's losses so far. */
  lossSum: number;
  epochs: EpochRecord[];
  validations: ValidationRecord[];
  best: ValidationRecord | null;
  /** Validations since the best. */
  sinceBest: number;
  stopped: boolean;
}

export function initialState(): TrainingState {
  return {
    step: 0,
    epoch: 0,
    batch: 0,
    lossSum: 0,
    epochs: [],
    validations: [],
    best: null,
    sinceBest: 0,
    stopped: false,
  };
}
