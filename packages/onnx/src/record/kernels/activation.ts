import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { unsupported } from './kernel.ts';

/** What tfjs's fused kernels do besides. */
export interface Fused {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

/** The result of a fused kernel: its product or convolution, plus the bias, activated. */
export function activated(
  graph: GraphBuilder,
  plain: Symbolic,
  { bias, preluActivationWeights: slopes }: Readonly<Record<string, Symbolic>>,
  { activation, leakyreluAlpha = 0.2 }: Fused,
): Symbolic {
  const x = bias ? graph.elementwise('Add', [plain, bias]) : plain;
  const zero = graph.number(0);
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return graph.elementwise('Relu', [x]);
    case 'relu6':
      return graph.elementwise('Clip', [x, zero, graph.number(6)]);
    case 'sigmoid':
      return graph.elementwise('Sigmoid', [x]);
    case 'elu':
      return graph.elementwise('Elu', [x]);
    case 'leakyrelu':
      return graph.elementwise('LeakyRelu', [x], 'float32', { alpha: { float: leakyreluAlpha } });
    case 'prelu': {
      const above = graph.elementwise('GreaterOrEqual', [x, zero], 'bool');
      return graph.elementwise('Where', [above, x, graph.elementwise('Mul', [slopes!, x])], 'float32');
    }
    default:
      throw unsupported(
        'a fused kernel',
        'activation linear, relu, relu6, sigmoid, elu, leakyrelu or prelu',
        `${activation}`,
      );
  }
}
