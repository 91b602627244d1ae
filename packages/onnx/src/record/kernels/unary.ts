import type { Attribute } from '../graph/graph.ts';
import type { Kernel, KernelTable } from './kernel.ts';

/** A kernel that is one ONNX operator with the same meaning. */
function unary(operator: string, attributes?: Readonly<Record<string, Attribute>>): Kernel {
  return ({ inputs, graph }) => graph.elementwise(operator, [inputs.x!], undefined, attributes);
}

/** Kernels of one argument which ONNX has, too. */
export const unaryKernels: KernelTable = {
  Abs: unary('Abs'),
  Acos: unary('Acos'),
  Acosh: unary('Acosh'),
  Asin: unary('Asin'),
  Asinh: unary('Asinh'),
  Atan: unary('Atan'),
  Atanh: unary('Atanh'),
  Ceil: unary('Ceil'),
  Cos: unary('Cos'),
  Cosh: unary('Cosh'),
  Elu: unary('Elu', { alpha: { float: 1 } }),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  Log: unary('Log'),
  LogicalNot: unary('Not'),
  Neg: unary('Neg'),
  Reciprocal: unary('Reciprocal'),
  Relu: unary('Relu'),
  Round: unary('Round'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Sinh: unary('Sinh'),
  Softplus: unary('Softplus'),
  Sqrt: unary('Sqrt'),
  Tan: unary('Tan'),
  Tanh: unary('Tanh'),
};
