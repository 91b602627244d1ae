import { FlowsError } from '../errors.ts';

/**
 * Refuses a single column where rows are divided by their length.
 *
 * @throws FlowsError `WRONG_SHAPE`
 */
export function requireColumns(where: string, cols: number): void {
  if (cols > 1) return;
  throw new FlowsError('WRONG_SHAPE', {
    where,
    expected: 'at least 2 features: rows are divided by their length, which leaves of one only its sign',
    got: String(cols),
    advice: 'define a flow without normalization: defineFlow(noPreparation(1), …)',
    details: { cols },
  });
}
