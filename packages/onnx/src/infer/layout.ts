import { intAttribute, intsAttribute } from '../graph/attributes.ts';
import {
  type Dim,
  dimsText,
  integersOf,
  MAX_RANK,
  mayEqual,
  normalizeAxis,
  product,
  type Rule,
  type RuleContext,
  ShapeProblem,
} from './shaped.ts';

/** Axes given as attribute (older opsets) or as input (newer ones); undefined if given but unknown, null if not given. */
export function axesOf(context: RuleContext, inputIndex: number): number[] | null | undefined {
  const attribute = intsAttribute(context.node, 'axes');
  if (attribute !== undefined) return attribute;
  if ((context.node.input[inputIndex] ?? '') === '') return null;
  return integersOf(context, inputIndex);
}

const reshape: Rule = context => {
  const { type, dims } = context.input(0);
  const wanted = intsAttribute(context.node, 'shape') ?? context.input(1).elements;
  if (wanted === undefined) {
    const rank = context.input(1).dims?.[0];
    const known = typeof rank === 'number' && rank <= MAX_RANK;
    return [{ type, dims: known ? Array<Dim>(rank).fill(null) : undefined }];
  }
  const keepZero = intAttribute(context.node, 'allowzero', 0) === 1;
  const result = wanted.map((size, axis): Dim => (size === 0 && !keepZero ? (dims?.[axis] ?? null) : size));
  const open = result.indexOf(-1);
  if (open >= 0)
    result[open] = remainder(
      dims,
      result.filter((_, axis) => axis !== open),
    );
  const [before, after] = [dims && product(dims), product(result)];
  if (!mayEqual(before, after)) {
    throw new ShapeProblem(`${before} elements, as in ${dimsText(dims!)}`, `shape ${dimsText(result)}`);
  }
  return [{ type, dims: result, elements: context.input(0).elements }];
};

/** The size that -1 stands for: what is left of the elements after sizes common to both shapes are divided out. */
function remainder(dims: readonly Dim[] | undefined, others: readonly Dim[]): Dim {
  if (dims === undefined || dims.includes(null) || others.includes(null)) return null;
  const rest = [...dims];
  for (const size of others) {
    const common = typeof size === 'string' ? rest.indexOf(size) : -1;
    if (typeof size === 'string' && common < 0) return null;
    if (common >= 0) rest.splice(common, 1);
  }
  const total = product(rest.filter(size => typeof size === 'number'))!;
  const known = product(others.filter(size => typeof size === 'number'))!;
  const names = rest.filter(size => typeof size === 'string');
  if (names.length > 0) return names.length === 1 && total === known ? names[0]! : null;
  if (known === 0) return null;
  if (total % known !== 0) throw new ShapeProblem(`a multiple of ${known} elements`, dimsText(dims));
  return total / known;
}

const flatten: Rule = context => {
  const { type, dims } = context.input(0);
  if (dims === undefined) return [{ type, dims: [null, null] }];
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 1), dims.length);
  const fold = (part: readonly Dim[]): Dim => (part.length === 1 ? part[0]! : product(part));
  return [{ type, dims: [fold(dims.slice(0, axis)), fold(dims.slice(axis))] }];
};

const transpose: Rule = context => {
  const { type, dims } = context.input(0);
  if (dims === undefined) return [{ type }];
  const perm = intsAttribute(context.node, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  if (perm.length !== dims.length) throw new ShapeProblem(`a tensor of rank ${perm.length}`, dimsText(dims));
  return [{ type, dims: perm.map(axis => dims[axis]!) }];
};

const squeeze: Rule = context => {
  const { type, dims, elements } = context.input(0);
  const axes = axesOf(context, 1);
  if (dims === undefined || axes === undefined) return [{ type }];
  if (axes === null) {
    return [
      dims.every(dim => typeof dim === 'number')
        ? { type, dims: dims.filter(dim => dim !== 1), elements }
        : { type },
    ];
  }
  const gone = new Set(axes.map(axis => normalizeAxis(axis, dims.length)));
  for (const axis of gone) {
    if (!mayEqual(dims[axis], 1)) throw new ShapeProblem(`size 1 at axis ${axis}`, dimsText(dims));
  }
  return [{ type, dims: dims.filter((_, axis) => !gone.has(axis)), elements }];
};

const unsqueeze: Rule = context => {
  const { type, dims, elements } = context.input(0);
  const axes = axesOf(context, 1);
  if (dims === undefined || !axes) return [{ type }];
  const rank = dims.length + axes.length;
  const added = new Set(axes.map(axis => normalizeAxis(axis, rank)));
  const rest = [...dims];
  return [
    {
      type,
      dims: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!)),
      elements,
    },
  ];
};

const concat: Rule = context => {
  const inputs = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
  const type = inputs[0]?.type;
  const first = inputs[0]?.dims;
  const elements = inputs.every(input => input.elements)
    ? inputs.flatMap(input => input.elements!)
    : undefined;
  if (first === undefined || inputs.some(input => input.dims === undefined)) return [{ type }];
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), first.length);
  const shapes = inputs.map(input => input.dims!);
  for (const shape of shapes) {
    const fits =
      shape.length === first.length && shape.every((dim, i) => i === axis || mayEqual(dim, first[i]));
    if (!fits)
      throw new ShapeProblem(`shapes that agree outside axis ${axis}`, shapes.map(dimsText).join(', '));
  }
  const total = shapes.reduce<number | null>((sum, shape) => {
    const size = shape[axis];
    return sum !== null && typeof size === 'number' ? sum + size : null;
  }, 0);
  return [{ type, dims: first.map((dim, i) => (i === axis ? total : dim)), elements }];
};

const split: Rule = context => {
  const { type, dims } = context.input(0);
  const count = context.node.output.length;
  const sizes = intsAttribute(context.node, 'split') ?? integersOf(context, 1);
  if (dims === undefined) return Array.from({ length: count }, () => ({ type }));
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), dims.length);
  const whole = dims[axis]!;
  const even = typeof whole === 'number' ? Math.ceil(whole / count) : null;
  return Array.from({ length: count }, (_, i) => {
    const last = even !== null && i === count - 1 ? (whole as number) - even * (count - 1) : even;
    return { type, dims: dims.map((dim, j) => (j === axis ? (sizes?.[i] ?? last) : dim)) };
  });
};

/** Rules of operators that rearrange a tensor. */
export const layoutRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
};
