import type { Symbolic } from '../graph/graph-builder.ts';
import type { Kernel, KernelCall, KernelTable } from './kernel.ts';

/** A kernel over `a` and `b` that is one broadcasting ONNX operator. */
function binary(operator: string): Kernel {
  return ({ inputs, graph }) => graph.elementwise(operator, [inputs.a!, inputs.b!]);
}

function comparison(operator: string): Kernel {
  return ({ inputs, graph }) => graph.elementwise(operator, [inputs.a!, inputs.b!], 'bool');
}

function logical(operator: string): Kernel {
  return ({ inputs, graph }) => {
    const operands = [inputs.a!, inputs.b!].map(t => graph.cast(t, 'bool'));
    return graph.elementwise(operator, operands, 'bool');
  };
}

/** Kernels of two arguments, broadcasting as NumPy does. */
export const binaryKernels: KernelTable = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Pow: binary('Pow'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Equal: comparison('Equal'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  NotEqual: call => call.graph.elementwise('Not', [comparison('Equal')(call) as Symbolic]),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  SquaredDifference: ({ inputs, graph }) => {
    const difference = graph.elementwise('Sub', [inputs.a!, inputs.b!]);
    return graph.elementwise('Mul', [difference, difference]);
  },
  AddN: ({ inputs, graph }) =>
    Object.values(inputs).reduce((sum, term) => graph.elementwise('Add', [sum, term])),
  FloorDiv: ({ inputs, graph }) => {
    const operands = [inputs.a!, inputs.b!].map(t => graph.cast(t, 'float32'));
    return graph.cast(graph.elementwise('Floor', [graph.elementwise('Div', operands)]), 'int32');
  },
  Mod,
};

/** tfjs's remainder has the sign of the divisor; ONNX's does for integers, but follows the dividend for floats. */
function Mod({ inputs, graph }: KernelCall): Symbolic {
  const { a, b } = inputs as { a: Symbolic; b: Symbolic };
  if (a.value.type === 'int32') return graph.elementwise('Mod', [a, b]);
  const remainder = graph.elementwise('Mod', [a, b], undefined, { fmod: 1 });
  const shifted = graph.elementwise('Mod', [graph.elementwise('Add', [remainder, b]), b], undefined, {
    fmod: 1,
  });
  const negative = [a, b].map(t => graph.elementwise('Less', [t, graph.number(0)], 'bool'));
  return graph.elementwise(
    'Where',
    [graph.elementwise('Xor', negative, 'bool'), shifted, remainder],
    'float32',
  );
}
