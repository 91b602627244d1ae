import { scalarOf } from '../graph/shape.ts';
import type { Rule } from './rewriter.ts';

/**
 * x > 0 is relu(x) > 0. Asked of the latter, x has one reader left, and the runtime can compute relu inside the matrix
 * product that makes x.
 */
export const reluMask: Rule = ({ operator, inputs, outputs }, rewriter) => {
  if (operator !== 'Greater' || scalarOf(inputs[1]!) !== 0) return undefined;
  const rectified = rewriter.existing('Relu', [inputs[0]!]);
  return rectified && rewriter.node('Greater', [rectified, inputs[1]!], outputs[0]!);
};
