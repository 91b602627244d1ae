import { describeSharedRows, type SharedRows } from '@ood/eval';
import type { Io } from '../io.ts';

/** Warns on stderr of rows that the sets of a benchmark share. */
export function reportSharedRows(
  shared: readonly SharedRows[],
  io: Io,
  { silent }: { readonly silent: boolean },
): void {
  if (silent) return;
  const start = io.stderr.isTerminal ? '\n' : '';
  for (const finding of shared) io.stderr.write(`${start}warning: ${describeSharedRows(finding)}\n`);
}
