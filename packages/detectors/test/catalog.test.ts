import { expect, it } from 'vitest';
import { catalog } from '../src/catalog.ts';
import { describeMethod, detectorNames } from '../src/index.ts';

it('every detector has a family and a cost, and nothing else has', () => {
  expect(Object.keys(catalog).sort()).toEqual([...detectorNames].sort());
});

it('what reads logits alone is of the family of logits', () => {
  for (const name of detectorNames) {
    const { reads, family } = describeMethod(name);
    expect(family === 'logits', name).toBe(reads.every(reading => reading === 'logits'));
  }
});
