import { setTimeout as sleep } from 'node:timers/promises';
import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads';
import { FeaturesError } from '../errors.ts';

/** Pixels that may be decoded at the same time in this process. */
export const PIXELS_AT_ONCE = 100_000_000;
/** Images that may wait for their turn in a thread. */
const LONGEST_QUEUE = 1024;

/** How often a thread looks whether others have left room, in ms. */
const LOOK_MS = 10;
/** A thread that holds pixels says that it lives so often; one that has not for so long has ended, in ms. */
const BEAT_MS = 1000;
const DEAD_MS = 60_000;

/** Pixels that each thread holds, and when it last said that it lives, in seconds: one place for all threads of the process. */
const SLOTS = 256;
const shared = sharedMemory('ood.pixels');
const held = new Int32Array(shared, 0, SLOTS);
const beats = new Int32Array(shared, 4 * SLOTS, SLOTS);
const mine = threadId % SLOTS;
// What a thread that ended long ago held.
if (Atomics.load(beats, mine) < lastSeconds()) Atomics.store(held, mine, 0);

/** Memory that threads started after this call see too. */
function sharedMemory(name: string): SharedArrayBuffer {
  const given = getEnvironmentData(name);
  if (given instanceof SharedArrayBuffer) return given;
  const made = new SharedArrayBuffer(8 * SLOTS);
  setEnvironmentData(name, made);
  return made;
}

let heldHere = 0;
let beating: NodeJS.Timeout | undefined;
const queue: { readonly pixels: number; readonly start: () => void }[] = [];

/**
 * Runs `work`, which holds an image of so many pixels, once those under way in this process leave room for it: callers that decode
 * many large images at once, in however many threads, take turns instead of all memory. Within a thread they do so in order. An
 * image larger than the whole budget has its turn alone.
 *
 * @throws FeaturesError `OVERLOADED` where 1,024 images wait already
 */
export async function withinPixelBudget<T>(pixels: number, work: () => Promise<T>): Promise<T> {
  const share = Math.min(pixels, PIXELS_AT_ONCE);
  if (queue.length > 0 || !take(share)) {
    if (queue.length >= LONGEST_QUEUE) throw overloaded();
    await new Promise<void>(start => {
      queue.push({ pixels: share, start });
      if (queue.length === 1) void serveQueue();
    });
  }
  try {
    return await work();
  } finally {
    giveBack(share);
  }
}

/** Lets the waiting in, one after the other. */
async function serveQueue(): Promise<void> {
  for (let next = queue[0]; next; next = queue[0]) {
    while (!take(next.pixels)) await sleep(LOOK_MS);
    queue.shift();
    next.start();
  }
}

/** Takes room for so many pixels, if there is any: first takes, then looks, so that two threads never both fit into what one fills. */
function take(pixels: number): boolean {
  beat();
  Atomics.add(held, mine, pixels);
  const oldest = lastSeconds();
  let all = 0;
  for (let slot = 0; slot < SLOTS; slot++)
    if (slot === mine || Atomics.load(beats, slot) >= oldest) all += Atomics.load(held, slot);
  if (all > PIXELS_AT_ONCE) {
    Atomics.sub(held, mine, pixels);
    return false;
  }
  heldHere += pixels;
  beating ??= setInterval(beat, BEAT_MS).unref();
  return true;
}

function giveBack(pixels: number): void {
  Atomics.sub(held, mine, pixels);
  heldHere -= pixels;
  if (heldHere > 0) return;
  clearInterval(beating);
  beating = undefined;
}

/** The earliest sign of life that counts. */
function lastSeconds(): number {
  return Math.floor((Date.now() - DEAD_MS) / 1000);
}

function beat(): void {
  Atomics.store(beats, mine, Math.floor(Date.now() / 1000));
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
