import type { Kernel } from './kernel.ts';

/**
 * The kernel in plain JavaScript, for places without WebAssembly SIMD. Every operation is rounded to float32
 * (a float64 product, sum, quotient or root of float32 values, rounded, is the float32 result), so that it equals the
 * SIMD kernel bit for bit.
 */
export function plainKernel(buffer: ArrayBufferLike): Kernel {
  const values = new Float32Array(buffer);
  const f = Math.fround;
  return {
    kind: 'plain',
    adam(range, { scale, beta1, rest1, beta2, rest2, rate, root, epsilon, keep }) {
      const [p, g, m, v] = [range.parameter / 4, range.gradient / 4, range.first / 4, range.second / 4];
      for (let i = 0; i < range.count; i++) {
        const gradient = f(values[g + i]! * scale);
        const first = f(f(values[m + i]! * beta1) + f(gradient * rest1));
        const second = f(f(values[v + i]! * beta2) + f(f(gradient * rest2) * gradient));
        values[m + i] = first;
        values[v + i] = second;
        const step = f(f(first * rate) / f(f(f(Math.sqrt(second)) * root) + epsilon));
        values[p + i] = f(f(values[p + i]! * keep) - step);
      }
    },
    sumOfSquares(range) {
      const start = range.gradient / 4;
      const sums = [0, 0, 0, 0];
      for (let i = 0; i < range.count; i++) sums[i % 4]! += values[start + i]! ** 2;
      return sums[0]! + sums[2]! + (sums[1]! + sums[3]!);
    },
    average(range, weight) {
      const [a, p] = [range.average / 4, range.parameter / 4];
      for (let i = 0; i < range.count; i++) {
        const old = values[a + i]!;
        values[a + i] = f(old + f(f(values[p + i]! - old) * weight));
      }
    },
  };
}
