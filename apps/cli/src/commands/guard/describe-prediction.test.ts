import { expect, it } from 'vitest';
import { describePrediction, predictionCell } from './describe-prediction.ts';

const labels = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, name: `l${index}`, probability: 0.9 - index / 100 }));

it.each([
  [{ decision: 'softmax', index: 3, name: 'cat', probability: 0.5 }, 'cat (50.0 %)', 'cat'],
  [{ decision: 'softmax', index: 3, probability: 0.5 }, 'class 3 (50.0 %)', 3],
  // One logit: `class 0 (100.0 %)` would say the opposite to most.
  [{ decision: 'sigmoid-binary', index: 0, probability: 0.999_99 }, 'negative (100.0 %)', 0],
  [{ decision: 'sigmoid-binary', index: 1, probability: 0.7 }, 'positive (70.0 %)', 1],
  [{ decision: 'sigmoid-binary', index: 1, name: 'ill', probability: 0.7 }, 'ill (70.0 %)', 'ill'],
  [
    { decision: 'multi-label', index: 0, name: 'l0', probability: 0.9, labels: labels(2) },
    'l0 (90.0 %), l1 (89.0 %)',
    'l0|l1',
  ],
  [
    { decision: 'multi-label', index: 0, name: 'l0', probability: 0.9, labels: labels(6) },
    'l0 (90.0 %), l1 (89.0 %), l2 (88.0 %), l3 (87.0 %), 2 more',
    'l0|l1|l2|l3|l4|l5',
  ],
  [
    { decision: 'multi-label', index: 2, probability: 0.3, labels: [] },
    'no label (largest: class 2 (30.0 %))',
    '',
  ],
  [
    { decision: 'softmax', index: 0, name: '\u001b[31mred', probability: 1 },
    '\\x1b[31mred (100.0 %)',
    '\u001b[31mred',
  ],
] as const)('says %j', (prediction, words, cell) => {
  expect(describePrediction(prediction)).toBe(words);
  expect(predictionCell(prediction)).toBe(cell);
});
