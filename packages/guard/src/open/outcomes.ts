import { throwIfAborted } from '@ood/core';
import type { Sample } from '@ood/features';
import type { Outcome, StreamOptions } from './guard.ts';

export const BATCH = 16;

export interface OutcomesOptions extends StreamOptions {
  /** Outcomes of a batch, in order. */
  readonly score: (batch: readonly (() => Sample)[], batchSize: number) => Promise<Outcome[]>;
}

/** Outcomes of samples, in order: one batch computes while the next one is read and decoded. */
export async function* outcomesOf(
  samples: AsyncIterable<() => Sample> | Iterable<() => Sample>,
  { batchSize = BATCH, signal, score }: OutcomesOptions,
): AsyncGenerator<Outcome> {
  const underWay: Promise<Outcome[]>[] = [];
  const start = (batch: readonly (() => Sample)[]) => {
    const scored = score(batch, batchSize);
    scored.catch(() => {});
    underWay.push(scored);
  };
  let batch: (() => Sample)[] = [];
  for await (const sample of samples) {
    throwIfAborted('check', signal);
    batch.push(sample);
    if (batch.length < batchSize) continue;
    start(batch);
    batch = [];
    if (underWay.length > 1) yield* await underWay.shift()!;
  }
  if (batch.length > 0) start(batch);
  for (const scored of underWay) {
    throwIfAborted('check', signal);
    yield* await scored;
  }
}
