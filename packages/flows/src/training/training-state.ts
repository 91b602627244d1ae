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

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isEntry = (key: 'steps' | 'step') => (value: unknown) => {
  const { epoch, loss, [key]: steps } = (value ?? {}) as Record<string, unknown>;
  return isCount(epoch) && isCount(steps) && Number.isFinite(loss);
};

/** Whether JSON is a state that training can go on from. */
export function isTrainingState(value: unknown): value is TrainingState {
  const state = (value ?? {}) as Record<keyof TrainingState, unknown>;
  const { step, epoch, batch, lossSum, epochs, validations, best, sinceBest, stopped } = state;
  return (
    [step, epoch, batch, sinceBest].every(isCount) &&
    Number.isFinite(lossSum) &&
    typeof stopped === 'boolean' &&
    Array.isArray(epochs) &&
    epochs.every(isEntry('steps')) &&
    Array.isArray(validations) &&
    validations.every(isEntry('step')) &&
    (best === null || isEntry('step')(best))
  );
}
