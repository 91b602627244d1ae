import { latinFamilies } from './families.ts';
import { randomFor } from './random.ts';

export type Split = 'train' | 'validation' | 'test';

const proportions = { validation: 0.15, test: 0.25 };

/**
 * Families of each split: within every category 60 % train, 15 % validation, 25 % test, so that no
 * family is in two splits and each split has every category.
 */
export function splitFamilies(seed: number): Record<Split, string[]> {
  const out: Record<Split, string[]> = { train: [], validation: [], test: [] };
  for (const [category, families] of Object.entries(latinFamilies)) {
    const shuffled = randomFor(seed, 'split', category).shuffle([...families].sort());
    const validation = Math.max(1, Math.round(proportions.validation * shuffled.length));
    const test = Math.max(1, Math.round(proportions.test * shuffled.length));
    out.validation.push(...shuffled.slice(0, validation));
    out.test.push(...shuffled.slice(validation, validation + test));
    out.train.push(...shuffled.slice(validation + test));
  }
  return out;
}
