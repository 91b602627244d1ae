import { intAttribute } from '../graph/attributes.ts';
import { broadcast } from './broadcast.ts';
import { dimsText, mayEqual, type Rule, ShapeProblem } from './shaped.ts';

const matMul: Rule = context => {
  const [a, b] = [context.input(0), context.input(1)];
  const type = a.type ?? b.type;
  if (a.dims === undefined || b.dims === undefined || a.dims.length === 0 || b.dims.length === 0)
    return [{ type }];
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  if (!mayEqual(left.at(-1), right.at(-2))) {
    throw new ShapeProblem('matrices whose inner sizes agree', `${dimsText(a.dims)} and ${dimsText(b.dims)}`);
  }
  const dims = [...(broadcast(left.slice(0, -2), right.slice(0, -2)) ?? [])];
  if (a.dims.length > 1) dims.push(left.at(-2)!);
  if (b.dims.length > 1) dims.push(right.at(-1)!);
  return [{ type, dims }];
};

const gemm: Rule = context => {
  const [a, b, c] = [context.input(0), context.input(1), context.input(2)];
  const type = a.type ?? b.type;
  if (a.dims === undefined || b.dims === undefined) return [{ type }];
  if (a.dims.length !== 2 || b.dims.length !== 2) {
    throw new ShapeProblem('two matrices', `${dimsText(a.dims)} and ${dimsText(b.dims)}`);
  }
  const [m, k] = intAttribute(context.node, 'transA', 0)
    ? [a.dims[1]!, a.dims[0]!]
    : [a.dims[0]!, a.dims[1]!];
  const [l, n] = intAttribute(context.node, 'transB', 0)
    ? [b.dims[1]!, b.dims[0]!]
    : [b.dims[0]!, b.dims[1]!];
  if (!mayEqual(k, l)) {
    throw new ShapeProblem('matrices whose inner sizes agree', `${dimsText(a.dims)} and ${dimsText(b.dims)}`);
  }
  if (c.dims !== undefined) broadcast([m, n], c.dims);
  return [{ type, dims: [m, n] }];
};

/** Rules of matrix products. */
export const matrixRules: Readonly<Record<string, Rule>> = { MatMul: matMul, Gemm: gemm };
