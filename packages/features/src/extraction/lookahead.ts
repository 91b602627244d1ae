/**
 * Results of `start` on the items, in order, with up to `limit` of them under way while the consumer is busy.
 * Items are taken one after the other; ending the loop early releases the source. `start` must not reject.
 */
export async function* lookahead<T, R>(
  items: AsyncIterable<T>,
  limit: () => number,
  start: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const iterator = items[Symbol.asyncIterator]();
  const slots: Promise<{ readonly result: Promise<R> } | null>[] = [];
  let ended = false;
  let turn: Promise<unknown> = Promise.resolve();

  const take = async (): Promise<{ readonly result: Promise<R> } | null> => {
    if (ended) return null;
    const next = await iterator.next();
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

  try {
    for (fill(); slots.length > 0; fill()) {
      const slot = await slots.shift()!;
      if (slot) yield await slot.result;
    }
  } finally {
    ended = true;
    await turn;
    await iterator.return?.();
  }
}
