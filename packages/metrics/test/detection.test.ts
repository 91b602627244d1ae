import { describe, expect, it } from 'vitest';
import {
  auroc,
  averagePrecisionId,
  averagePrecisionOod,
  delong,
  detectionMetrics,
  fpr95IdAccepted,
  fpr95OodCaught,
} from '../src/index.ts';
import { golden } from './golden.ts';

describe.each(golden.cases)('reference case $name', reference => {
  const id = Float64Array.from(reference.id_scores);
  const ood = Float64Array.from(reference.ood_scores);

  it('has the AUROC of scikit-learn', () => {
    expect(Math.abs(auroc(id, ood) - reference.auroc)).toBeLessThan(1e-12);
  });

  it('has both average precisions of scikit-learn', () => {
    expect(Math.abs(averagePrecisionOod(id, ood) - reference.average_precision_ood_positive)).toBeLessThan(
      1e-12,
    );
    expect(Math.abs(averagePrecisionId(id, ood) - reference.average_precision_id_positive)).toBeLessThan(
      1e-12,
    );
  });

  it('has the false positive rate of the exact curve in both readings', () => {
    expect(fpr95OodCaught(id, ood)).toBeCloseTo(reference.fpr_at_95_tpr_ood_positive, 12);
    expect(fpr95IdAccepted(id, ood)).toBeCloseTo(reference.fpr_at_95_tpr_id_positive, 12);
  });

  it('gives the same numbers in one pass as one by one', () => {
    expect(detectionMetrics(id, ood)).toMatchObject({
      auroc: auroc(id, ood),
      averagePrecisionOod: averagePrecisionOod(id, ood),
      averagePrecisionId: averagePrecisionId(id, ood),
      fpr95IdAccepted: fpr95IdAccepted(id, ood),
      fpr95OodCaught: fpr95OodCaught(id, ood),
    });
  });

  it('has the DeLong variance and intervals of the papers', () => {
    const result = delong(id, ood);
    const { variance, standard_error, interval_95 } = reference.delong;
    if (variance === null) {
      expect(result.variance).toBeNull();
      return;
    }
    expect(Math.abs(result.variance! - variance)).toBeLessThan(1e-12);
    expect(Math.abs(result.standardError! - standard_error!)).toBeLessThan(1e-12);
    expect(Math.abs(result.normal!.low - interval_95!.normal[0]!)).toBeLessThan(1e-12);
    expect(Math.abs(result.normal!.high - interval_95!.normal[1]!)).toBeLessThan(1e-12);
    expect(Math.abs(result.clipped!.low - interval_95!.clipped[0]!)).toBeLessThan(1e-12);
    expect(Math.abs(result.clipped!.high - interval_95!.clipped[1]!)).toBeLessThan(1e-12);
    if (variance > 0 && interval_95!.logit !== null) {
      expect(result.interval.method).toBe('delong-logit');
      expect(Math.abs(result.interval.low - interval_95!.logit[0]!)).toBeLessThan(1e-12);
      expect(Math.abs(result.interval.high - interval_95!.logit[1]!)).toBeLessThan(1e-12);
    } else {
      expect(result.interval.method).toBe('disjoint-pairs');
      expect(result.interval.high - result.interval.low).toBeGreaterThan(0.05);
    }
  });
});
