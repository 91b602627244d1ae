import { createRandom, type Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { createEnergy, fitKnn, fitMahalanobis, powerCheck, pseudoOod } from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const { train, id, head } = goldenProblem;

describe('what a detector can see', () => {
  it('is much, for one that was fitted on enough rows', async () => {
    const check = await powerCheck(await fitMahalanobis(train), id);
    expect(check.canSee).toBe(true);
    expect(check.swapped.auroc).toBeGreaterThan(0.6);
    expect(check.stretched.alarms).toBeGreaterThan(0.9);
    expect(check.rows).toBe(60);
  });

  it('is nothing, for a threshold that nothing passes', async () => {
    const check = await powerCheck(await fitKnn(train, { k: 5 }), id, { threshold: 1e15 });
    expect(check.canSee).toBe(false);
    expect(check.threshold).toBe(1e15);
  });

  it('is nothing, for scores that do not depend on the row', async () => {
    const blind = {
      describe: (await fitKnn(train)).describe,
      score: async ({ features }: { features?: Matrix | undefined }) => {
        const random = createRandom(1);
        return Float64Array.from({ length: features!.rows }, () => random.uniform());
      },
    };
    expect((await powerCheck(blind, id)).canSee).toBe(false);
  });

  it('depends on the logits of made features where a detector reads logits', async () => {
    const check = await powerCheck(createEnergy(), id, { head });
    expect(check.swapped.auroc).not.toBe((await powerCheck(createEnergy(), id)).swapped.auroc);
  });

  it('is the same again', async () => {
    const detector = await fitMahalanobis(train);
    expect(await powerCheck(detector, id, { mostRows: 40 })).toEqual(
      await powerCheck(detector, id, { mostRows: 40 }),
    );
  });

  it('needs rows to say anything', async () => {
    const few = { features: { ...id.features, rows: 5, data: id.features.data.slice(0, 5 * 16) } };
    await expect(powerCheck(await fitMahalanobis(train), few)).rejects.toMatchObject({ code: 'TOO_FEW' });
  });
});

it('made rows keep the values of the columns, and stretched rows the mean', () => {
  for (const kind of ['swapped', 'shuffled'] as const) {
    const made = pseudoOod(kind, id.features, 1);
    const column = (matrix: Matrix, col: number) =>
      Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * matrix.cols + col]!);
    for (const value of column(made, 3)) expect(column(id.features, 3)).toContain(value);
  }
  const sum = ({ data }: Matrix) => Array.from(data).reduce((total, value) => total + value, 0);
  const many = { rows: 400, cols: 16, data: train.features.data };
  const stretched = pseudoOod('stretched', many, 1);
  expect(Math.abs(sum(stretched) / sum(many) - 1)).toBeLessThan(0.15);
});
