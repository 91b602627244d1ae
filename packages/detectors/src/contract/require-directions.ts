import { DetectorsError } from '../errors.ts';

/**
 * Refuses a single feature where rows are divided by their length.
 *
 * @throws DetectorsError `WRONG_SHAPE`
 */
export function requireDirections(where: string, cols: number): void {
  if (cols > 1) return;
  throw new DetectorsError('WRONG_SHAPE', {
    where,
    expected: 'at least 2 features: rows are divided by their length, which leaves of one only its sign',
    got: '1',
    advice:
      'use a method that does not normalize: mahalanobis, relative-mahalanobis or gmm (without classes, label every row 0)',
    details: { need: 'features', cols },
  });
}
