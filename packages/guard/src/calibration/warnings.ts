/** Why the guarantee of a guard is weaker than it could be, or its use doubtful. */
export type WarningCode =
  /** Calibrated on rows that the backbone may have been trained on. */
  | 'HELD_OUT'
  /** Calibrated on so few rows that the rate may be far from alpha. */
  | 'FEW_ROWS'
  /** Calibration rows that occur several times, counted once. */
  | 'REPEATED_ROWS'
  /** Calibration rows that are training rows, left out. */
  | 'SEEN_ROWS'
  /** Calibration inputs that are parts of images or recordings of which other parts were fitted on. */
  | 'SHARED_SOURCES'
  /** ID rows with their features shuffled pass as ID. */
  | 'LOW_POWER'
  /** Names of classes that do not fit the logits. */
  | 'CLASS_NAMES';

/** Something that whoever uses a guard should know; it travels in `guard.json`. */
export interface Warning {
  readonly code: WarningCode;
  /** In a sentence or two, with the numbers. */
  readonly message: string;
}
