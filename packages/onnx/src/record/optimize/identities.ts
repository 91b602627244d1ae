import type { Value } from '../graph/graph.ts';
import { sameShape, scalarOf } from '../graph/shape.ts';
import type { Rewriter, Rule } from './rewriter.ts';

/** Arithmetic that changes nothing, or can be said more shortly. */
export const identities: Rule = (node, rewriter) => {
  const { operator, inputs, outputs } = node;
  const output = outputs[0]!;
  const [a, b] = inputs as [Value, Value];
  const unchanged = (value: Value) => value.type === output.type && sameShape(value.shape, output.shape);
  switch (operator) {
    case 'Add':
      if (isNumber(b, 0) && unchanged(a)) return a;
      if (isNumber(a, 0) && unchanged(b)) return b;
      return difference(a, b, output, rewriter) ?? difference(b, a, output, rewriter);
    case 'Sub': {
      if (isNumber(b, 0) && unchanged(a)) return a;
      if (isNumber(a, 0) && unchanged(b)) return rewriter.node('Neg', [b], output);
      const negated = rewriter.producer(b, 'Neg');
      return negated && rewriter.node('Add', [a, negated.inputs[0]!], output);
    }
    case 'Mul':
      return product(a, b, output, rewriter) ?? product(b, a, output, rewriter);
    case 'Div':
    case 'Pow':
      return isNumber(b, 1) && unchanged(a) ? a : undefined;
    case 'Neg':
      return rewriter.producer(a, 'Neg')?.inputs[0];
    case 'Cast':
      return unchanged(a) ? a : undefined;
    default:
      return undefined;
  }
};

/** a + (−b) = a − b. */
function difference(a: Value, b: Value, output: Value, rewriter: Rewriter): Value | undefined {
  const negated = rewriter.producer(b, 'Neg');
  return negated && rewriter.node('Sub', [a, negated.inputs[0]!], output);
}

/** x · 1 = x; x · −1 = −x; (x · c₁) · c₂ = x · (c₁ c₂); (−x) · c = x · (−c). */
function product(x: Value, factor: Value, output: Value, rewriter: Rewriter): Value | undefined {
  const c = scalarOf(factor);
  if (c === undefined || output.type !== 'float32' || !sameShape(x.shape, output.shape)) return undefined;
  if (c === 1) return x;
  if (c === -1) return rewriter.node('Neg', [x], output);
  const negated = rewriter.producer(x, 'Neg');
  const constant = (number: number) => rewriter.constant([number], 'float32', []);
  if (negated) return rewriter.node('Mul', [negated.inputs[0]!, constant(-c)], output);
  const inner = rewriter.producer(x, 'Mul');
  const at = inner?.inputs.findIndex(input => scalarOf(input) !== undefined) ?? -1;
  if (!inner || at < 0 || !sameShape(inner.inputs[1 - at]!.shape, output.shape)) return undefined;
  return rewriter.node('Mul', [inner.inputs[1 - at]!, constant(scalarOf(inner.inputs[at]!)! * c)], output);
}

function isNumber(value: Value, number: number): boolean {
  return scalarOf(value) === number;
}
