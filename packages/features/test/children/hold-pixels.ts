import { parentPort } from 'node:worker_threads';
import { PIXELS_AT_ONCE, withinPixelBudget } from '../../src/image/pixel-budget.ts';

/** Holds all pixels of the process until it is told to let them go, and then waits for all of them once more. */
await withinPixelBudget(PIXELS_AT_ONCE, async () => {
  parentPort!.postMessage('held');
  await new Promise(resolve => parentPort!.once('message', resolve));
});
parentPort!.postMessage('given back');
await withinPixelBudget(PIXELS_AT_ONCE, async () => parentPort!.postMessage('held again'));
