import { OnnxError } from '../../errors.ts';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';

/** One call of a tfjs kernel: its tensor arguments and attributes by tfjs's names. */
export interface KernelCall<Attributes = unknown> {
  readonly inputs: Readonly<Record<string, Symbolic>>;
  readonly attributes: Attributes;
  readonly graph: GraphBuilder;
}

/** Appends the ONNX nodes of a kernel call and returns what it yields. */
export type Kernel<Attributes = unknown> = (call: KernelCall<Attributes>) => Symbolic | Symbolic[];

/** Kernels by tfjs's kernel names. */
export type KernelTable = Readonly<Record<string, Kernel<never>>>;

/** The error for a kernel that is known, called in a way that is not. */
export function unsupported(kernel: string, expected: string, got: string): OnnxError {
  return new OnnxError('UNSUPPORTED_ARGUMENT', {
    where: `record, kernel '${kernel}'`,
    expected,
    got: `${got}`,
    advice: 'rewrite the call, or extend the kernel in packages/onnx/src/record/kernels',
    details: { kernel },
  });
}
