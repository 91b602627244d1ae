import { kernels } from '../kernels/kernels.ts';

/**
 * Interleaved bytes to planes of floats, by one table of 256 values per channel: `out[c, i] = tables[c][pixels[i, c]]`.
 * Written to `into`, as long as the pixels, where given.
 */
export function lookUpPlanes(
  pixels: Uint8Array,
  tables: readonly Float32Array[],
  into: Float32Array = new Float32Array(pixels.length),
): Float32Array {
  const channels = tables.length;
  const tableBytes = channels * 1024;
  const padded = Math.ceil(pixels.length / 4) * 4;
  const { exports, base } = kernels(tableBytes + padded + pixels.length * 4);
  const source = base + tableBytes;
  const out = source + padded;
  const { buffer } = exports.memory;
  tables.forEach((table, c) => {
    new Float32Array(buffer, base + c * 1024, 256).set(table);
  });
  new Uint8Array(buffer, source, pixels.length).set(pixels);
  exports.planes(source, pixels.length / channels, channels, base, out);
  into.set(new Float32Array(buffer, out, pixels.length));
  return into;
}
