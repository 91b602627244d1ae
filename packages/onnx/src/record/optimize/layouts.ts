import { sameShape } from '../graph/shape.ts';
import type { Rule } from './rewriter.ts';

/** Rearrangements that cancel, merge, or are taken over by a matrix product. */
export const layouts: Rule = (node, rewriter) => {
  const { operator, inputs, outputs, attributes } = node;
  const output = outputs[0]!;
  const input = inputs[0]!;
  switch (operator) {
    case 'Expand':
      return sameShape(input.shape, output.shape) ? input : undefined;
    case 'Reshape': {
      if (sameShape(input.shape, output.shape)) return input;
      const inner = rewriter.producer(input, 'Reshape');
      return inner && rewriter.node('Reshape', [inner.inputs[0]!, inputs[1]!], output);
    }
    case 'Transpose': {
      const inner = rewriter.producer(input, 'Transpose');
      if (!inner) return undefined;
      const first = inner.attributes.perm as readonly number[];
      const perm = (attributes.perm as readonly number[]).map(axis => first[axis]!);
      if (perm.every((axis, i) => axis === i)) return inner.inputs[0]!;
      return rewriter.node('Transpose', [inner.inputs[0]!], output, { perm });
    }
    case 'Split': {
      const joined = rewriter.producer(input, 'Concat');
      if (!joined || joined.attributes.axis !== attributes.axis) return undefined;
      const cuts = outputs.map(({ shape }, i) => sameShape(joined.inputs[i]?.shape ?? [], shape));
      return cuts.every(Boolean) && joined.inputs.length === outputs.length ? joined.inputs : undefined;
    }
    case 'Concat': {
      const cut = rewriter.producer(input, 'Split');
      if (!cut || cut.attributes.axis !== attributes.axis || cut.outputs.length !== inputs.length)
        return undefined;
      return cut.outputs.every((part, i) => part === inputs[i]) ? cut.inputs[0]! : undefined;
    }
    case 'Gemm': {
      const flags = { A: attributes.transA === 1, B: attributes.transB === 1 };
      const operands = inputs.slice(0, 2).map((operand, i) => {
        const transposed = rewriter.producer(operand, 'Transpose');
        if (!transposed) return operand;
        if (i === 0) flags.A = !flags.A;
        else flags.B = !flags.B;
        return transposed.inputs[0]!;
      });
      if (operands.every((operand, i) => operand === inputs[i])) return undefined;
      const { transA: _a, transB: _b, ...others } = attributes;
      const turned = { ...others, ...(flags.A ? { transA: 1 } : {}), ...(flags.B ? { transB: 1 } : {}) };
      return rewriter.node('Gemm', [...operands, ...inputs.slice(2)], output, turned);
    }
    default:
      return undefined;
  }
};
