/** What the guard says of one input of a pipeline. */
export interface OodVerdict {
  /** Whether the score is above the calibrated threshold. */
  readonly isOod: boolean;
  /** Conformal p-value; `isOod` says that it is at most alpha. */
  readonly pValue: number;
  /** The detector's score: higher = more out-of-distribution. */
  readonly score: number;
}

type Labeled = { readonly label: unknown; readonly score: unknown };
type Leaf<Output> = Output extends readonly (infer Entry)[] ? Leaf<Entry> : Output;

/**
 * What a guarded pipeline returns: each `{ label, score }` with the verdict on its input, in lists as those of the pipeline; or a
 * tensor with the verdicts on its rows, in order.
 */
export type WithOod<Pipe, Output, Input, Options> = [Leaf<Output>] extends [Labeled]
  ? Lists<Pipe, Leaf<Output> & { readonly ood: OodVerdict }, Input, Options>
  : Output & { readonly ood: readonly OodVerdict[] };

/** Of a list of texts the best label each comes in one list; all else is a list for each input. */
type Lists<Pipe, Entry, Input, Options> = Input extends readonly unknown[]
  ? Pipe extends { readonly tokenizer: unknown }
    ? Options extends { readonly top_k: infer K }
      ? 1 extends K
        ? Entry[]
        : Entry[][]
      : Entry[]
    : Entry[][]
  : Entry[];

/**
 * Adds to each result the verdict on its input.
 *
 * @param isBatch whether the pipeline was called with a list
 */
export function attachVerdicts(
  output: unknown,
  { verdicts, isBatch }: { readonly verdicts: readonly OodVerdict[]; readonly isBatch: boolean },
): unknown {
  if (!Array.isArray(output)) return Object.assign(output as object, { ood: verdicts });
  return output.map((entry, i) => withVerdict(entry, verdicts[isBatch ? i : 0]!));
}

function withVerdict(entry: unknown, ood: OodVerdict): unknown {
  if (Array.isArray(entry)) return entry.map(label => withVerdict(label, ood));
  return { ...(entry as object), ood };
}
