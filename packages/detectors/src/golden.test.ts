import { expect, it } from 'vitest';
import { goldenProblem, goldenScores } from '../test/golden-problem.ts';
import type { Detector } from './contract/detector.ts';
import { createEnergy } from './methods/energy.ts';
import { fitKnn } from './methods/knn.ts';
import { fitMahalanobis } from './methods/mahalanobis.ts';
import { createMaxLogit } from './methods/max-logit.ts';
import { createMsp } from './methods/msp.ts';

const { train, id, ood } = goldenProblem;

interface Case {
  readonly golden: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly detector: () => Detector | Promise<Detector>;
}

const cases: readonly Case[] = [
  { golden: 'msp', parameters: { temperature: 1 }, detector: () => createMsp() },
  { golden: 'msp', parameters: { temperature: 10 }, detector: () => createMsp({ temperature: 10 }) },
  { golden: 'energy', parameters: { temperature: 1 }, detector: () => createEnergy() },
  { golden: 'energy', parameters: { temperature: 10 }, detector: () => createEnergy({ temperature: 10 }) },
  { golden: 'max-logit', detector: () => createMaxLogit() },
  { golden: 'mds', detector: () => fitMahalanobis(train) },
  { golden: 'mahalanobis-plus-plus', detector: () => fitMahalanobis(train, { normalise: true }) },
  { golden: 'knn', parameters: { k: 1 }, detector: () => fitKnn(train, { k: 1 }) },
  { golden: 'knn', parameters: { k: 10 }, detector: () => fitKnn(train, { k: 10 }) },
  { golden: 'knn', parameters: { k: 50 }, detector: () => fitKnn(train, { k: 50 }) },
];

it.each(cases)('$golden $parameters scores as published', async ({ golden, parameters, detector }) => {
  const expected = goldenScores(golden, parameters);
  const fitted = await detector();
  const scores = [...(await fitted.score(id)), ...(await fitted.score(ood))];
  await fitted.close();
  expect(scores).toHaveLength(expected.scores.length);
  const worst = Math.max(...scores.map((score, i) => Math.abs(score - expected.scores[i])));
  expect(worst).toBeLessThanOrEqual(expected.tolerance);
});
