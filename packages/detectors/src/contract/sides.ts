/** Sides of an array: a number, or a name that stands for one number throughout; `features` and `logits` are the widths. */
export type Sides = readonly (number | string)[];

/** What every fit of a method finds, so that a file can be checked before it is scored with. */
export interface Stored {
  /** Names of numbers. */
  readonly numbers?: readonly string[];
  /** Names of numbers that are whole and at least 1: how many rows or features a graph takes. */
  readonly counts?: readonly string[];
  /** Shapes of arrays by name. An array of bytes has one side, `bytes`. */
  readonly arrays?: Readonly<Record<string, Sides>>;
  /** Least numbers that sides stand for. */
  readonly atLeast?: Readonly<Record<string, number>>;
}
