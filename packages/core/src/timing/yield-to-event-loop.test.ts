import { describe, expect, it, vi } from 'vitest';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

describe.each([
  ['with setImmediate', true],
  ['without it, as in a browser', false],
])('%s', (_, immediate) => {
  it('timers come to their turn between steps', async () => {
    if (!immediate) vi.stubGlobal('setImmediate', undefined);
    let over = false;
    setTimeout(() => {
      over = true;
    }, 5);
    for (let i = 0; i < 1e6 && !over; i++) await yieldToEventLoop();
    vi.unstubAllGlobals();
    expect(over).toBe(true);
  });
});
