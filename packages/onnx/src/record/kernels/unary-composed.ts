import type * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import type { KernelCall, KernelTable } from './kernel.ts';

/** Kernels of one argument for which ONNX has no operator of its own. */
export const composedUnaryKernels: KernelTable = {
  Rsqrt: ({ inputs, graph }) => graph.elementwise('Reciprocal', [graph.elementwise('Sqrt', [inputs.x!])]),
  Square: ({ inputs, graph }) => graph.elementwise('Mul', [inputs.x!, inputs.x!]),
  Relu6: ({ inputs, graph }) => clip(graph, inputs.x!, 0, 6),
  ClipByValue: ({ inputs, attributes, graph }: KernelCall<tf.ClipByValueAttrs>) =>
    clip(graph, inputs.x!, attributes.clipValueMin, attributes.clipValueMax),
  LeakyRelu: ({ inputs, attributes, graph }: KernelCall<tf.LeakyReluAttrs>) =>
    graph.elementwise('LeakyRelu', [inputs.x!], 'float32', { alpha: { float: attributes.alpha } }),
  Prelu: ({ inputs, graph }) => {
    const { x, alpha } = inputs as { x: Symbolic; alpha: Symbolic };
    const below = graph.elementwise('Mul', [alpha, x]);
    return graph.elementwise('Where', [positive(graph, x, 'GreaterOrEqual'), x, below], x.value.type);
  },
  Selu: ({ inputs, graph }) => {
    const attributes = { alpha: { float: 1.6732632423543772 }, gamma: { float: 1.0507009873554805 } };
    return graph.elementwise('Selu', [inputs.x!], 'float32', attributes);
  },
  EluGrad: ({ inputs, graph }) => {
    const { dy, y } = inputs as { dy: Symbolic; y: Symbolic };
    const below = graph.elementwise('Mul', [dy, graph.elementwise('Add', [y, graph.number(1)])]);
    return graph.elementwise('Where', [positive(graph, y, 'GreaterOrEqual'), dy, below], 'float32');
  },
  Step: ({ inputs, attributes, graph }: KernelCall<tf.StepAttrs>) => {
    const x = inputs.x!;
    const above = positive(graph, x, 'Greater');
    const { type } = x.value;
    if (!attributes.alpha) return graph.cast(above, type);
    return graph.elementwise(
      'Where',
      [above, graph.number(1, type), graph.number(attributes.alpha, type)],
      type,
    );
  },
  Expm1: ({ inputs, graph }) => {
    const x = inputs.x!;
    const one = graph.number(1);
    const exp = graph.elementwise('Exp', [x]);
    const plain = graph.elementwise('Sub', [exp, one]);
    const scaled = graph.elementwise('Mul', [plain, x]);
    const compensated = graph.elementwise('Div', [scaled, graph.elementwise('Log', [exp])]);
    return nearZero(graph, { x, shifted: exp, compensated, plain });
  },
  Log1p: ({ inputs, graph }) => {
    const x = inputs.x!;
    const one = graph.number(1);
    const shifted = graph.elementwise('Add', [x, one]);
    const plain = graph.elementwise('Log', [shifted]);
    const scaled = graph.elementwise('Mul', [plain, x]);
    const compensated = graph.elementwise('Div', [scaled, graph.elementwise('Sub', [shifted, one])]);
    return nearZero(graph, { x, shifted, compensated, plain });
  },
  IsNan: ({ inputs, graph }) => graph.elementwise('IsNaN', [inputs.x!], 'bool'),
  IsInf: ({ inputs, graph }) => {
    const magnitude = graph.elementwise('Abs', [inputs.x!]);
    return graph.elementwise('Equal', [magnitude, graph.number(Number.POSITIVE_INFINITY)], 'bool');
  },
  IsFinite: ({ inputs, graph }) => {
    const magnitude = graph.elementwise('Abs', [inputs.x!]);
    return graph.elementwise('Less', [magnitude, graph.number(Number.POSITIVE_INFINITY)], 'bool');
  },
};

/** Kahan's rule: `f(x) = x` where `shifted` rounds to 1, the compensated quotient for |x| < 1/2, the plain form elsewhere. */
function nearZero(
  graph: GraphBuilder,
  { x, shifted, compensated, plain }: Record<'x' | 'shifted' | 'compensated' | 'plain', Symbolic>,
): Symbolic {
  const rounded = graph.elementwise('Equal', [shifted, graph.number(1)], 'bool');
  const small = graph.elementwise('Less', [graph.elementwise('Abs', [x]), graph.number(0.5)], 'bool');
  const close = graph.elementwise('Where', [rounded, x, compensated], 'float32');
  return graph.elementwise('Where', [small, close, plain], 'float32');
}

function clip(graph: GraphBuilder, x: Symbolic, min: number, max: number): Symbolic {
  const { type } = x.value;
  return graph.elementwise('Clip', [x, graph.number(min, type), graph.number(max, type)]);
}

function positive(graph: GraphBuilder, x: Symbolic, comparison: 'Greater' | 'GreaterOrEqual'): Symbolic {
  return graph.elementwise(comparison, [x, graph.number(0, x.value.type)], 'bool');
}
