import { latinFamilies } from './families.ts';
import { randomFor } from './random.ts';
import { unusualness } from './unusualness.ts';

export type Split = 'train' | 'validation' | 'test';

const shares: Record<Split, number> = { train: 0.58, validation: 0.18, test: 0.24 };
const splits = Object.keys(shares) as Split[];

/**
 * Families of each split: no family is in two splits, and every split has its share of each category and,
 * within a category, of plain and unusual families alike: ordered by unusualness, each family goes to the split
 * that is furthest behind its share. Families without a legible face are left out.
 */
export function splitFamilies(seed: number): Record<Split, string[]> {
  const out: Record<Split, string[]> = { train: [], validation: [], test: [] };
  const scores = unusualness(Object.values(latinFamilies).flat());
  const behind = Object.fromEntries(splits.map(split => [split, randomFor(seed, 'split', split).next()]));
  for (const families of Object.values(latinFamilies)) {
    const ordered = families
      .filter(family => scores.has(family))
      .sort((a, b) => scores.get(a)! - scores.get(b)! || (a < b ? -1 : 1));
    for (const family of ordered) {
      for (const split of splits) behind[split]! += shares[split];
      const next = splits.reduce((a, b) => (behind[b]! > behind[a]! ? b : a));
      behind[next]! -= 1;
      out[next].push(family);
    }
  }
  return out;
}
