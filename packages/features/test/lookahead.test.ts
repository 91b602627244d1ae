import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { lookahead } from '../src/extraction/lookahead.ts';

async function* numbers(count: number, taken: number[]): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    taken.push(i);
    yield i;
  }
}

/** Work of a few milliseconds, later items sooner than earlier ones; counts what is under way. */
function work() {
  const state = { under: 0, most: 0 };
  const start = async (item: number) => {
    state.most = Math.max(state.most, ++state.under);
    await delay(8 - (item % 4) * 2);
    state.under--;
    return item * 10;
  };
  return { state, start };
}

describe('lookahead', () => {
  test('gives results in order, with no more under way than allowed', async () => {
    const { state, start } = work();
    const seen: number[] = [];
    for await (const result of lookahead(numbers(20, []), () => 3, start).results) seen.push(result);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i * 10));
    // One more than the limit: the item that is being waited for.
    expect(state.most).toBeGreaterThan(1);
    expect(state.most).toBeLessThanOrEqual(4);
  });

  test('has all it may under way once started, and nothing once settled', async () => {
    const { state, start } = work();
    const taken: number[] = [];
    const ahead = lookahead(numbers(20, taken), () => 3, start);
    await ahead.results.next();
    await ahead.started();
    const before = taken.length;
    await ahead.settled();
    expect(state.under).toBe(0);
    expect(taken.length).toBe(before);
    await ahead.results.return(undefined);
  });

  test('settles where the source fails, and then throws its error', async () => {
    const { start } = work();
    const failing = async function* () {
      yield 1;
      throw new Error('no more');
    };
    const ahead = lookahead(failing(), () => 3, start);
    await ahead.results.next();
    await ahead.settled();
    await expect(ahead.results.next()).rejects.toThrow('no more');
  });
});
