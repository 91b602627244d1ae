/** Work on a sequence of items that runs ahead of its consumer. */
export interface Lookahead<R> {
  /** The results, in order. Ending the loop early releases the source. */
  readonly results: AsyncGenerator<R>;
  /** Resolves once all items that may be under way have been taken from the source and their work started. */
  started(): Promise<void>;
  /** Resolves once the work on every item taken from the source has ended; none is taken meanwhile. */
  settled(): Promise<void>;
}

/**
 * `start` on each item, with up to `limit` of them under way while the consumer is busy. Items are taken one after the
 * other. `start` must not reject. When `signal` aborts, `results` throws its reason at once, even if the source is stuck.
 */
export function lookahead<T, R>(
  items: AsyncIterable<T>,
  limit: () => number,
  start: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Lookahead<R> {
  const aborted = abortion(signal);
  const slots: Promise<{ readonly result: Promise<R> } | null>[] = [];
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  let turn: Promise<unknown> = Promise.resolve();

  const take = async (): Promise<{ readonly result: Promise<R> } | null> => {
    if (ended) return null;
    const next = await Promise.race([iterator.next(), aborted.promise]);
    if (!next.done) return { result: start(next.value) };
    ended = true;
    return null;
  };
  const fill = () => {
    while (!ended && slots.length < limit()) {
      const slot = turn.then(take);
      turn = slot.catch(() => {
        ended = true;
      });
      slots.push(slot);
    }
  };

  async function* results(): AsyncGenerator<R> {
    try {
      for (fill(); slots.length > 0; fill()) {
        const slot = await slots.shift()!;
        if (slot) yield await slot.result;
      }
    } finally {
      ended = true;
      await turn;
      aborted.forget();
      // A stuck source would answer only after its pending read.
      const returned = iterator.return?.();
      if (signal?.aborted) returned?.catch(() => undefined);
      else await returned;
    }
  }

  return {
    results: results(),
    async started() {
      await turn;
      await new Promise(resolve => setImmediate(resolve));
    },
    async settled() {
      for (const slot of await Promise.allSettled(slots))
        if (slot.status === 'fulfilled') await slot.value?.result;
    },
  };
}

/** A promise that never resolves, and rejects with the signal's reason when that aborts. */
function abortion(signal: AbortSignal | undefined): { readonly promise: Promise<never>; forget(): void } {
  let forget = () => {};
  const promise = new Promise<never>((_, reject) => {
    if (!signal) return;
    const listener = () => reject(signal.reason);
    signal.addEventListener('abort', listener, { once: true });
    forget = () => signal.removeEventListener('abort', listener);
  });
  promise.catch(() => undefined);
  return { promise, forget: () => forget() };
}
