/** How far a long operation has come: the one event of every `onProgress`. */
export interface Progress {
  /** What is being done, e.g. the name of the function. */
  readonly stage: string;
  /** Units done: rows, bytes, steps; grows within a stage. */
  readonly done: number;
  /** Units in all, where that is known. */
  readonly total?: number | undefined;
}
