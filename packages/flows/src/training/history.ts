/** One pass over the training rows. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly steps: number;
  /** Mean negative log-likelihood of the epoch's batches while it was trained, in nats. */
  readonly loss: number;
}

/** One look at the held-out rows. The first is before the first step: step 0, epoch 0. */
export interface ValidationRecord {
  readonly step: number;
  readonly epoch: number;
  /** Mean negative log-likelihood of the held-out rows, in nats. */
  readonly loss: number;
}

/** How training went: plain JSON, the same for the same seed and thread count. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  readonly validations: readonly ValidationRecord[];
  /** The validation whose weights were returned; `null` without held-out rows. */
  readonly best: ValidationRecord | null;
  /** Steps taken. */
  readonly steps: number;
  readonly stoppedEarly: boolean;
}
