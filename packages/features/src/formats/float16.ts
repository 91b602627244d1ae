import { kernels } from '../kernels/kernels.ts';

/** Bit pattern of the half float nearest to `x` (ties to even); beyond 65,504 + half a step: infinity. */
export function toFloat16(x: number): number {
  return float32ToFloat16(Float32Array.of(x))[0]!;
}

/** Bit patterns of the nearest half floats (ties to even; beyond 65,504 + half a step: infinity). */
export function float32ToFloat16(source: Float32Array): Uint16Array {
  const out = new Uint16Array(source.length);
  for (let start = 0; start < source.length; start += BLOCK) {
    const part = source.subarray(start, start + BLOCK);
    const { exports, base } = kernels(BLOCK * 6);
    const { buffer } = exports.memory;
    new Float32Array(buffer, base, part.length).set(part);
    exports.toFloat16(base, part.length, base + BLOCK * 4);
    out.set(new Uint16Array(buffer, base + BLOCK * 4, part.length), start);
  }
  return out;
}

/** The values of half floats given by their bit patterns. */
export function float16ToFloat32(source: Uint16Array): Float32Array {
  const out = new Float32Array(source.length);
  for (let start = 0; start < source.length; start += BLOCK) {
    const part = source.subarray(start, start + BLOCK);
    const { exports, base } = kernels(BLOCK * 6);
    const { buffer } = exports.memory;
    new Uint16Array(buffer, base + BLOCK * 4, part.length).set(part);
    exports.fromFloat16(base + BLOCK * 4, part.length, base);
    out.set(new Float32Array(buffer, base, part.length), start);
  }
  return out;
}

/** Values converted at once: few enough to stay in the cache. */
const BLOCK = 8192;
