import type { Value } from '../graph/graph.ts';
import { scalarOf } from '../graph/shape.ts';
import type { Rule } from './rewriter.ts';

const arithmetic: Readonly<Record<string, (...numbers: number[]) => number>> = {
  Add: (a, b) => a! + b!,
  Sub: (a, b) => a! - b!,
  Mul: (a, b) => a! * b!,
  Div: (a, b) => a! / b!,
  Pow: (a, b) => a! ** b!,
  Neg: a => -a!,
  Abs: a => Math.abs(a!),
  Exp: a => Math.exp(a!),
  Log: a => Math.log(a!),
  Sqrt: a => Math.sqrt(a!),
  Reciprocal: a => 1 / a!,
  Max: (a, b) => Math.max(a!, b!),
  Min: (a, b) => Math.min(a!, b!),
  Cast: a => a!,
};

/** Computes float32 arithmetic on known numbers now. */
export const foldScalars: Rule = ({ operator, inputs, outputs, attributes }, rewriter) => {
  const compute = arithmetic[operator];
  const output: Value = outputs[0]!;
  if (!compute || output.type !== 'float32' || !isFloat(attributes.to)) return undefined;
  const numbers = inputs.map(scalarOf);
  if (!numbers.every(number => number !== undefined)) return undefined;
  return rewriter.constant([compute(...numbers)], 'float32', output.shape);
};

function isFloat(target: unknown): boolean {
  return target === undefined || target === 'float32';
}
