import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as detectors from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const guide = readFileSync(new URL('../../../docs/guide/detectors.md', import.meta.url), 'utf8');

it('has an example that runs, and rejects about as many ID rows as it says', async () => {
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  const body = code.replace(/^import (\{[^}]*\}) from '@ood\/detectors';$/m, 'const $1 = detectors;');
  const { train, id, ood } = goldenProblem;
  const given = {
    detectors,
    features: train.features,
    logits: train.logits,
    labels: train.labels,
    newFeatures: id.features,
    newLogits: id.logits,
  };
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...values: unknown[]) => Promise<{
    scores: Float64Array;
    again: detectors.Detector;
    model: Uint8Array;
    alarms: Float64Array;
  }>;
  const run = new AsyncFunction(...Object.keys(given), `${body}\nreturn { scores, again, model, alarms };`);
  const { scores, again, model, alarms } = await run(...Object.values(given));
  expect(await again.score(id)).toEqual(scores);
  expect(model.length).toBeGreaterThan(1000);
  const rejected = alarms.reduce((sum, alarm) => sum + alarm, 0);
  expect(rejected).toBeLessThan(0.3 * alarms.length);
  expect((await again.score(ood)).length).toBe(60);
});

it('has a guide that lists every detector', () => {
  const missing = detectors.detectorNames.filter(name => !guide.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
