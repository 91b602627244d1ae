import { MetricsError } from '../errors.ts';
import { requireList, requireSameLength, requireScores, type Scores } from '../input/scores.ts';

/** Scores of the two classes. */
export interface ScorePair {
  readonly id: Scores;
  readonly ood: Scores;
}

/**
 * ID and OOD scores out of one list with a label for each: 0 or false = ID, 1 or true = OOD.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`; `INVALID_VALUE` for other labels; `ONE_CLASS`
 *   when one of the classes does not occur
 */
export function splitByLabel(
  scores: Scores,
  isOod: ArrayLike<number | boolean>,
): { id: Float64Array; ood: Float64Array } {
  const where = 'splitByLabel';
  requireScores(where, 'scores', scores);
  requireList(where, 'isOod', isOod);
  requireSameLength(where, ['scores', scores.length], ['isOod', isOod.length]);
  let oodCount = 0;
  for (let i = 0; i < isOod.length; i++) {
    const label = Number(isOod[i]);
    if (label !== 0 && label !== 1) {
      throw new MetricsError('INVALID_VALUE', {
        where,
        expected: 'labels 0 (ID) and 1 (OOD)',
        got: `${String(isOod[i])} at index ${i}`,
        advice: 'map your labels to 0 and 1',
        details: { index: i, value: isOod[i] },
      });
    }
    oodCount += label;
  }
  if (oodCount === 0 || oodCount === scores.length) {
    throw new MetricsError('ONE_CLASS', {
      where,
      expected: 'samples of both classes',
      got: `${scores.length} samples, all ${oodCount === 0 ? 'ID' : 'OOD'}`,
      advice: 'no ranking metric exists for one class; add the other set',
      details: { length: scores.length, oodCount },
    });
  }
  const id = new Float64Array(scores.length - oodCount);
  const ood = new Float64Array(oodCount);
  let i = 0;
  let j = 0;
  for (let k = 0; k < scores.length; k++) {
    if (Number(isOod[k]) === 1) ood[j++] = scores[k]!;
    else id[i++] = scores[k]!;
  }
  return { id, ood };
}
