import { type Random, randomFor } from '../random.ts';
import { quantise, side } from '../raster.ts';
import type { Sample } from '../types.ts';

const n = side * side;

const kinds: Record<string, (random: Random) => Float64Array> = {
  uniform: r => Float64Array.from({ length: n }, () => 255 * r.next()),
  gaussian: r => {
    const mean = r.between(60, 190);
    const deviation = r.between(25, 80);
    return Float64Array.from({ length: n }, () => mean + deviation * r.normal());
  },
  binary: r => {
    const density = r.between(0.2, 0.8);
    return Float64Array.from({ length: n }, () => (r.next() < density ? 255 : 0));
  },
  sparse: r => {
    const density = r.between(0.02, 0.15);
    return Float64Array.from({ length: n }, () => (r.next() < density ? r.between(60, 255) : 0));
  },
  blocks: r => {
    const size = r.pick([2, 4, 7]);
    const blocks = Float64Array.from({ length: n }, () => 255 * r.next());
    return Float64Array.from({ length: n }, (_, i) => {
      const row = Math.floor(Math.floor(i / side) / size);
      return blocks[row * side + Math.floor((i % side) / size)]!;
    });
  },
};

/** Unstructured noise, an equal share of each kind. */
export function noiseSamples(seed: number, count: number): Sample[] {
  const names = Object.keys(kinds);
  return Array.from({ length: count }, (_, i) => {
    const symbol = names[i % names.length]!;
    const variant = Math.floor(i / names.length);
    const pixels = quantise(kinds[symbol]!(randomFor(seed, 'noise', symbol, variant)));
    return { pixels, family: 'noise', style: '-', symbol, variant };
  });
}
