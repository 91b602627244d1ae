import { kernelBase64 } from './kernel-bytes.ts';
import { type WasmMemory, webAssembly } from './web-assembly.ts';

/** The scalars of one Adam step, already rounded to float32. */
export interface AdamScalars {
  /** Factor on the gradient (clipping). */
  readonly scale: number;
  readonly beta1: number;
  readonly rest1: number;
  readonly beta2: number;
  readonly rest2: number;
  /** Learning rate over the first bias correction. */
  readonly rate: number;
  /** One over the root of the second bias correction. */
  readonly root: number;
  readonly epsilon: number;
  /** Factor on the parameter before the step: 1 − learning rate · weight decay. */
  readonly keep: number;
}

/** Byte offsets of one run of elements in the optimizer's memory; `count` is a multiple of 4. */
export interface KernelRange {
  readonly parameter: number;
  readonly gradient: number;
  readonly first: number;
  readonly second: number;
  readonly average: number;
  readonly count: number;
}

/** Element-wise work of the optimizer on one memory. Both implementations give the same bits. */
export interface Kernel {
  readonly kind: 'wasm' | 'plain';
  adam(range: KernelRange, scalars: AdamScalars): void;
  /** Sum of squared gradients in float64. */
  sumOfSquares(range: KernelRange): number;
  /** average ← average + weight · (parameter − average). */
  average(range: KernelRange, weight: number): void;
}

interface KernelExports {
  adam(...offsetsCountAndScalars: number[]): void;
  sumOfSquares(gradient: number, count: number): number;
  average(average: number, parameter: number, count: number, weight: number): void;
}

let compiled: object | undefined;

/** The SIMD kernel over `memory`, or `undefined` where WebAssembly with SIMD is not to be had. */
export function wasmKernel(memory: WasmMemory): Kernel | undefined {
  if (!webAssembly) return undefined;
  let exports: KernelExports;
  try {
    compiled ??= new webAssembly.Module(Uint8Array.from(atob(kernelBase64), c => c.charCodeAt(0)));
    const instance = new webAssembly.Instance(compiled, { env: { memory } });
    exports = instance.exports as unknown as KernelExports;
  } catch {
    return undefined;
  }
  return {
    kind: 'wasm',
    adam: (r, s) =>
      exports.adam(
        r.parameter,
        r.gradient,
        r.first,
        r.second,
        r.count,
        s.scale,
        s.beta1,
        s.rest1,
        s.beta2,
        s.rest2,
        s.rate,
        s.root,
        s.epsilon,
        s.keep,
      ),
    sumOfSquares: r => exports.sumOfSquares(r.gradient, r.count),
    average: (r, weight) => exports.average(r.average, r.parameter, r.count, weight),
  };
}
