import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  auroc,
  averagePrecisionId,
  averagePrecisionOod,
  detectionError,
  fprAtTpr,
  precisionRecallCurve,
  rocCurve,
  thinCurve,
} from '../src/index.ts';
import { golden } from './golden.ts';
import { normalScores } from './simulation.ts';

describe.each(golden.cases)('curves of reference case $name', ({ id_scores: id, ood_scores: ood }) => {
  const roc = rocCurve(id, ood);

  it('ROC: rises from (0, 0) to (1, 1) with one point per distinct score, and its area is the AUROC', () => {
    expect([roc.fpr[0], roc.tpr[0], roc.thresholds[0]]).toEqual([0, 0, Number.POSITIVE_INFINITY]);
    expect([roc.fpr.at(-1), roc.tpr.at(-1)]).toEqual([1, 1]);
    expect(roc.fpr.length).toBe(new Set([...id, ...ood].map(s => s + 0)).size + 1);
    let area = 0;
    for (let i = 1; i < roc.fpr.length; i++) {
      area += (roc.fpr[i]! - roc.fpr[i - 1]!) * (roc.tpr[i]! + roc.tpr[i - 1]!) * 0.5;
      expect(roc.thresholds[i]!).toBeLessThan(roc.thresholds[i - 1]!);
    }
    expect(area).toBeCloseTo(auroc(id, ood), 12);
  });

  it.each([
    ['ood', averagePrecisionOod(id, ood)],
    ['id', averagePrecisionId(id, ood)],
  ] as const)(
    'precision-recall, %s positive: its step sum is the average precision',
    (positive, expected) => {
      const { precision, recall } = precisionRecallCurve(id, ood, { positive });
      let sum = 0;
      for (let i = 0; i < recall.length; i++) sum += (recall[i]! - (recall[i - 1] ?? 0)) * precision[i]!;
      expect(sum).toBeCloseTo(expected, 12);
      expect(recall.at(-1)).toBe(1);
    },
  );

  it.each([0.05, 0.5, 0.8, 0.95, 0.99])(
    'false positive rate at TPR %d equals a search over all thresholds',
    tpr => {
      const share = (scores: number[], test: (s: number) => boolean) =>
        scores.filter(test).length / scores.length;
      const thresholds = [...id, ...ood];
      const caught = thresholds.filter(t => share(ood, s => s >= t) >= tpr).map(t => share(id, s => s >= t));
      const accepted = thresholds
        .filter(t => share(id, s => s <= t) >= tpr)
        .map(t => share(ood, s => s <= t));
      const oodCaught = fprAtTpr(id, ood, { tpr, reading: 'oodCaught' });
      const idAccepted = fprAtTpr(id, ood, { tpr, reading: 'idAccepted' });
      expect(oodCaught.fpr).toBe(Math.min(...caught));
      expect(idAccepted.fpr).toBe(Math.min(...accepted));
      expect(oodCaught.tpr).toBe(share(ood, s => s >= oodCaught.threshold));
      expect(idAccepted.tpr).toBe(share(id, s => s <= idAccepted.threshold));
      expect(idAccepted.fpr).toBe(share(ood, s => s <= idAccepted.threshold));
    },
  );

  it('detection error is the smallest over the curve', () => {
    const errors = Array.from(roc.fpr, (fpr, i) => 0.5 * (fpr + 1 - roc.tpr[i]!));
    const { error, threshold } = detectionError(id, ood);
    expect(error).toBeCloseTo(Math.min(...errors), 14);
    expect(errors[roc.thresholds.indexOf(threshold)]!).toBeCloseTo(error, 14);
  });
});

describe('thinned curves', () => {
  const random = createRandom(3);
  const id = normalScores(random, 20_000);
  const ood = normalScores(random, 20_000, 1.5);

  it.each([
    ['ROC', rocCurve(id, ood), 'fpr', 'tpr'],
    ['precision-recall', precisionRecallCurve(id, ood), 'recall', 'precision'],
    ['precision-recall of ID', precisionRecallCurve(id, ood, { positive: 'id' }), 'recall', 'precision'],
  ] as const)(
    '%s stays within the tolerance of the drawn line, with far fewer points',
    (_, curve, xName, yName) => {
      const columns = curve as unknown as Record<string, Float64Array>;
      const tolerance = 0.002;
      const thin = thinCurve(curve, { tolerance }) as unknown as Record<string, Float64Array>;
      const [x, y, thinX, thinY] = [columns[xName]!, columns[yName]!, thin[xName]!, thin[yName]!];
      expect(thinX.length).toBeLessThan(x.length / 5);
      expect([thinX[0], thinX.at(-1)]).toEqual([x[0], x.at(-1)]);
      // Both are polylines through the same points in order: every dropped point must be near the line that replaces it.
      let segment = 0;
      for (let i = 0; i < x.length; i++) {
        if (segment + 1 < thinX.length - 1 && thin.thresholds![segment + 1] === columns.thresholds![i])
          segment++;
        const [x0, x1] = [thinX[segment]!, thinX[segment + 1]!];
        const [y0, y1] = [thinY[segment]!, thinY[segment + 1]!];
        const along = x1 === x0 ? 0.5 : Math.min(1, Math.max(0, (x[i]! - x0) / (x1 - x0)));
        const distance = Math.min(
          Math.abs(y[i]! - (y0 + along * (y1 - y0))),
          Math.max(Math.abs(x[i]! - x0), Math.abs(y[i]! - y0)),
          Math.max(Math.abs(x[i]! - x1), Math.abs(y[i]! - y1)),
        );
        expect(distance).toBeLessThanOrEqual(tolerance * 1.000001);
      }
    },
  );

  it('keep every point of a short curve', () => {
    const curve = rocCurve([0, 1, 2], [1.5, 3, 4]);
    expect(thinCurve(curve)).toEqual(curve);
  });
});
