/**
 * The kernels that can be recorded.
 *
 * How to add a kernel: find its name and attributes in tfjs's `kernel_names.ts`; put a function of that name into the
 * table of a file here (or a file of its own): it takes the tensor arguments as `Symbolic`, appends ONNX nodes to
 * `graph` and returns the result. Use `graph.elementwise` for anything that broadcasts and `graph.full` where every
 * element must be stored. Add a case to the table in `test/record/cases.ts`, which compares it and its gradient with
 * tfjs's CPU backend and runs the batch law.
 */
import { binaryKernels } from './binary.ts';
import { convolutionKernels } from './convolution.ts';
import { createKernels } from './create.ts';
import { gatherKernels } from './gather.ts';
import type { KernelTable } from './kernel.ts';
import { layoutKernels } from './layout.ts';
import { matmulKernels } from './matmul.ts';
import { normalizationKernels } from './normalization.ts';
import { poolingKernels } from './pooling.ts';
import { reduceKernels } from './reduce.ts';
import { resizeKernels } from './resize.ts';
import { scanKernels } from './scan.ts';
import { selectKernels } from './select.ts';
import { sliceKernels } from './slice.ts';
import { softmaxKernels } from './softmax.ts';
import { unaryKernels } from './unary.ts';
import { composedUnaryKernels } from './unary-composed.ts';

export const kernels: KernelTable = {
  ...unaryKernels,
  ...composedUnaryKernels,
  ...binaryKernels,
  ...selectKernels,
  ...createKernels,
  ...reduceKernels,
  ...softmaxKernels,
  ...scanKernels,
  ...matmulKernels,
  ...layoutKernels,
  ...sliceKernels,
  ...gatherKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...normalizationKernels,
  ...resizeKernels,
};
