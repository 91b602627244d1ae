import { evaluate } from '@ood/metrics';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptedCounts, STEPS, thresholdGrid } from './threshold-grid.ts';

const scores = fc
  .array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -1e9, max: 1e9, noNaN: true })), {
    minLength: 1,
    maxLength: 80,
  })
  .map(values => Float64Array.from(values));

it('accepts at every step at least its share of ID, and one row less would not do', () => {
  fc.assert(
    fc.property(scores, id => {
      const sorted = id.slice().sort();
      const thresholds = thresholdGrid(sorted);
      const counts = acceptedCounts(sorted, thresholds);
      for (let k = 1; k <= STEPS; k++) {
        expect(counts[k]! * STEPS).toBeGreaterThanOrEqual(k * id.length);
        const stricter = id.filter(score => score < thresholds[k]!).length;
        expect(stricter * STEPS).toBeLessThan(k * id.length);
      }
      expect(counts[0]).toBe(0);
    }),
    { numRuns: 20 },
  );
});

it('stands at FPR95 at step 950: the same threshold, the same share of OOD', () => {
  fc.assert(
    fc.property(scores, scores, (id, ood) => {
      const thresholds = thresholdGrid(id.slice().sort());
      const { thresholdIdAccepted, fpr95IdAccepted } = evaluate(id, ood, { seed: 1, replicates: 20 });
      expect(thresholds[950]).toBe(thresholdIdAccepted);
      expect(acceptedCounts(ood.slice().sort(), thresholds)[950]! / ood.length).toBeCloseTo(
        fpr95IdAccepted.value,
        12,
      );
    }),
    { numRuns: 25 },
  );
});
