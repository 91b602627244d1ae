/** Holds `scores` scores, measures them if the second argument is `true`, and prints the largest resident memory in bytes. */
import { createRandom } from '@ood/core';
import { detectionMetrics } from '../src/index.ts';

const [count, measure] = [Number(process.argv[2]), process.argv[3] === 'true'];
const random = createRandom(1);
const fill = (): Float64Array => {
  const scores = new Float64Array(count / 2);
  for (let i = 0; i < scores.length; i++) scores[i] = random.uniform() + random.uniform();
  return scores;
};
const [id, ood] = [fill(), fill()];
const value = measure ? detectionMetrics(id, ood).auroc : id[0]! + ood[0]!;
if (!Number.isFinite(value)) throw new Error('unexpected');
process.stdout.write(String(process.resourceUsage().maxRSS * 1024));
