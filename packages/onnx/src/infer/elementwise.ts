import { intAttribute, intsAttribute } from '../graph/attributes.ts';
import { TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import { broadcast } from './broadcast.ts';
import type { Rule, RuleContext, Shaped } from './shaped.ts';

const { BOOL, UINT8, FLOAT, INT64 } = TensorProto_DataType;

const like: Rule = context => [{ type: context.input(0).type, dims: context.input(0).dims }];

/** One output of the first input's type and shape, which it hands through with its elements. */
const same: Rule = context => [context.input(0)];

const inputs = (context: RuleContext): Shaped[] =>
  Array.from({ length: context.inputCount }, (_, index) => context.input(index));

const spread =
  (type: (context: RuleContext) => number | undefined): Rule =>
  context => [{ type: type(context), dims: broadcast(...inputs(context).map(input => input.dims)) }];

const arithmetic = spread(context => inputs(context).find(input => input.type !== undefined)?.type);
const comparison = spread(() => BOOL);

/** Arithmetic of shapes: what is known of the operands' elements makes the result's known; truth is 1. */
const computed =
  (rule: Rule, compute: (a: number, b: number) => number | boolean): Rule =>
  context => {
    const [result] = rule(context);
    const [a, b] = [context.input(0).elements, context.input(1).elements];
    if (!a || !b || !(a.length === b.length || a.length === 1 || b.length === 1)) return [result!];
    const elements = Array.from({ length: a.length === 1 ? b.length : a.length }, (_, i) => {
      const [left, right] = [a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]];
      return typeof left === 'number' && typeof right === 'number' ? Number(compute(left, right)) : null;
    });
    return [{ ...result, elements }];
  };

const not: Rule = context => {
  const { dims, elements } = context.input(0);
  return [
    {
      type: BOOL,
      dims,
      elements: elements?.map(item => (typeof item === 'number' ? Number(item === 0) : null)),
    },
  ];
};

const cast: Rule = context => {
  const input = context.input(0);
  return [{ ...input, type: intAttribute(context.node, 'to') }];
};

const quantize: Rule = context => [{ type: context.input(2).type ?? UINT8, dims: context.input(0).dims }];

const dequantize: Rule = context => [{ type: context.input(1).type ?? FLOAT, dims: context.input(0).dims }];

const constantOfShape: Rule = context => [
  {
    type: context.node.attribute.find(({ name }) => name === 'value')?.t?.dataType ?? FLOAT,
    dims: context.input(0).elements,
  },
];

const range: Rule = context => [{ type: context.input(0).type, dims: [null] }];

/** A Constant; its tensor is read where its elements are wanted. */
const constant: Rule = ({ node }) => {
  const attribute = node.attribute[0];
  if (attribute?.t) return [{ type: attribute.t.dataType, dims: attribute.t.dims.map(Number) }];
  switch (attribute?.name) {
    case 'value_int':
      return [{ type: INT64, dims: [], elements: [Number(attribute.i)] }];
    case 'value_ints': {
      const elements = intsAttribute(node, 'value_ints') ?? [];
      return [{ type: INT64, dims: [elements.length], elements }];
    }
    case 'value_float':
      return [{ type: FLOAT, dims: [] }];
    case 'value_floats':
      return [{ type: FLOAT, dims: [attribute.floats.length] }];
    default:
      return [{}];
  }
};

const unary = (
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu HardSigmoid ' +
  'HardSwish Hardmax LRN LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg PRelu ' +
  'Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ' +
  'ThresholdedRelu Trilu InstanceNormalization GroupNormalization RMSNormalization RandomNormalLike'
).split(' ');

const binary =
  'Add BitShift BitwiseAnd BitwiseOr BitwiseXor Div Max Mean Min Mod Mul Pow Sub Sum And Or Xor'.split(' ');
const comparisons = 'Equal Greater GreaterOrEqual Less LessOrEqual'.split(' ');

/** Rules of operators that work element by element. */
export const elementwiseRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(unary.map(op => [op, like])),
  ...Object.fromEntries(binary.map(op => [op, arithmetic])),
  ...Object.fromEntries(comparisons.map(op => [op, comparison])),
  Add: computed(arithmetic, (a, b) => a + b),
  Sub: computed(arithmetic, (a, b) => a - b),
  Mul: computed(arithmetic, (a, b) => a * b),
  // Of integers, which alone have known elements here: towards zero.
  Div: computed(arithmetic, (a, b) => (b === 0 ? Number.NaN : Math.trunc(a / b))),
  Equal: computed(comparison, (a, b) => a === b),
  Greater: computed(comparison, (a, b) => a > b),
  GreaterOrEqual: computed(comparison, (a, b) => a >= b),
  Less: computed(comparison, (a, b) => a < b),
  LessOrEqual: computed(comparison, (a, b) => a <= b),
  And: computed(comparison, (a, b) => a !== 0 && b !== 0),
  Or: computed(comparison, (a, b) => a !== 0 || b !== 0),
  Not: not,
  Identity: same,
  Dropout: context => [context.input(0), { type: BOOL, dims: context.input(0).dims }],
  IsNaN: context => [{ type: BOOL, dims: context.input(0).dims }],
  IsInf: context => [{ type: BOOL, dims: context.input(0).dims }],
  Where: context => [
    {
      type: context.input(1).type ?? context.input(2).type,
      dims: broadcast(context.input(0).dims, context.input(1).dims, context.input(2).dims),
    },
  ],
  Cast: cast,
  CastLike: context => [{ ...context.input(0), type: context.input(1).type }],
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  BatchNormalization: like,
  LayerNormalization: like,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
};
