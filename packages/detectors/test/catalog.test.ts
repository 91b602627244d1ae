import type { Matrix } from '@ood/core';
import { expect, it } from 'vitest';
import { catalog } from '../src/catalog.ts';
import { describeMethod, detectorNames, fitDetector } from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

it('every detector has a family and a cost, and nothing else has', () => {
  expect(Object.keys(catalog).sort()).toEqual([...detectorNames].sort());
});

it('what reads logits alone is of the family of logits', () => {
  for (const name of detectorNames) {
    const { reads, family } = describeMethod(name);
    expect(family === 'logits', name).toBe(reads.every(reading => reading === 'logits'));
  }
});

const { train, id, head } = goldenProblem;
/** Those that see features alone; flows take long to fit, and normalize by their presets. */
const measurable = detectorNames.filter(name => {
  const { needs, reads } = describeMethod(name);
  const features = reads.every(reading => reading === 'features') && !needs.includes('logits');
  return features && !name.startsWith('fde-');
});

it.each(measurable)(
  '%s wants raw features if, and only if, the length of a row counts',
  async name => {
    const factor = (row: number) => 1 + (row % 7);
    const stretched = (features: Matrix): Matrix => ({
      ...features,
      data: Float64Array.from(features.data, (value, at) => value * factor(Math.floor(at / features.cols))),
    });
    const scoresOf = async (change: (features: Matrix) => Matrix) => {
      const { features, labels } = train;
      const fitted = await fitDetector(
        name as string,
        { features: change(features), labels },
        { head, threads: 1, ...(name === 'neglabel' && { idLabels: 2, keptShare: 1 }) },
      );
      const scores = await fitted.score({ features: change(id.features) });
      await fitted.close();
      return scores;
    };
    const [plain, changed] = [await scoresOf(features => features), await scoresOf(stretched)];
    const most = Math.max(...plain.map((score, row) => Math.abs(score - changed[row]!)));
    expect(most > 1e-3 * Math.max(...plain.map(Math.abs))).toBe(describeMethod(name).rawFeatures);
  },
  60_000,
);
