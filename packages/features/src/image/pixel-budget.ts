import { FeaturesError } from '../errors.ts';

/** Pixels that may be decoded at the same time in this thread. */
export const PIXELS_AT_ONCE = 100_000_000;
/** Images that may wait for their turn. */
const LONGEST_QUEUE = 1024;

let free = PIXELS_AT_ONCE;
const queue: { readonly pixels: number; readonly start: () => void }[] = [];

/**
 * Runs `work`, which holds an image of so many pixels, once those under way leave room for it: callers that decode many large
 * images at once take turns, in order, instead of all memory. An image larger than the whole budget has its turn alone.
 *
 * @throws FeaturesError `OVERLOADED` where 1,024 images wait already
 */
export async function withinPixelBudget<T>(pixels: number, work: () => Promise<T>): Promise<T> {
  const share = Math.min(pixels, PIXELS_AT_ONCE);
  if (queue.length > 0 || share > free) {
    if (queue.length >= LONGEST_QUEUE) throw overloaded();
    await new Promise<void>(start => queue.push({ pixels: share, start }));
  } else free -= share;
  try {
    return await work();
  } finally {
    free += share;
    for (let next = queue[0]; next && next.pixels <= free; next = queue[0]) {
      queue.shift();
      free -= next.pixels;
      next.start();
    }
  }
}

function overloaded(): FeaturesError {
  return new FeaturesError('OVERLOADED', {
    where: 'decodeImage',
    expected: `at most ${LONGEST_QUEUE} images that wait to be decoded`,
    got: 'one more',
    advice: 'wait for earlier ones before you hand in more',
    details: { waiting: LONGEST_QUEUE },
  });
}
