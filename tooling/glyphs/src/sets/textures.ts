import { type Random, randomFor } from '../random.ts';
import { quantise, side } from '../raster.ts';
import type { Sample } from '../types.ts';

/** Intensity in [0, 1] at a point in pixels. */
type Field = (x: number, y: number) => number;

const fract = (v: number) => v - Math.floor(v);
const wave = (v: number) => 0.5 + 0.5 * Math.sin(2 * Math.PI * v);
const smooth = (t: number) => t * t * (3 - 2 * t);

/** Value noise on a grid of random values, `cell` pixels wide. */
function valueNoise(random: Random, cell: number): Field {
  const grid = Float64Array.from({ length: 64 * 64 }, () => random.next());
  const at = (i: number, j: number) => grid[(j & 63) * 64 + (i & 63)]!;
  return (x, y) => {
    const i = Math.floor(x / cell);
    const j = Math.floor(y / cell);
    const u = smooth(x / cell - i);
    const v = smooth(y / cell - j);
    const top = at(i, j) * (1 - u) + at(i + 1, j) * u;
    const bottom = at(i, j + 1) * (1 - u) + at(i + 1, j + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

/** Coordinates turned by a random angle around the image's centre. */
function turned(random: Random): (x: number, y: number) => [number, number] {
  const angle = random.between(0, Math.PI);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => [c * (x - 14) + s * (y - 14) + 100, c * (y - 14) - s * (x - 14) + 100];
}

function nearestTwo(random: Random): (x: number, y: number) => [number, number] {
  const points = Array.from({ length: 8 + random.integer(18) }, () => [
    random.between(-4, 32),
    random.between(-4, 32),
  ]);
  return (x, y) => {
    const distances = points.map(p => Math.hypot(x - p[0]!, y - p[1]!)).sort((a, b) => a - b);
    return [distances[0]!, distances[1]!];
  };
}

const kinds: Record<string, (random: Random) => Field> = {
  stripes: r => {
    const [turn, period, duty] = [turned(r), r.between(3, 10), r.between(0.3, 0.7)];
    return (x, y) => (fract(turn(x, y)[0] / period) < duty ? 1 : 0);
  },
  grating: r => {
    const [turn, period] = [turned(r), r.between(3, 14)];
    return (x, y) => wave(turn(x, y)[0] / period);
  },
  plaid: r => {
    const [turn, p, q] = [turned(r), r.between(4, 12), r.between(4, 12)];
    return (x, y) => {
      const [u, v] = turn(x, y);
      return (wave(u / p) + wave(v / q)) / 2;
    };
  },
  checks: r => {
    const [turn, size] = [turned(r), r.between(3, 8)];
    return (x, y) => {
      const [u, v] = turn(x, y);
      return (Math.floor(u / size) + Math.floor(v / size)) & 1;
    };
  },
  dots: r => {
    const [turn, period] = [turned(r), r.between(4, 10)];
    const radius = period * r.between(0.2, 0.42);
    return (x, y) => {
      const [u, v] = turn(x, y).map(w => (fract(w / period) - 0.5) * period) as [number, number];
      return Math.max(0, Math.min(1, radius - Math.hypot(u, v) + 0.5));
    };
  },
  bricks: r => {
    const [turn, width, height] = [turned(r), r.between(7, 13), r.between(4, 7)];
    return (x, y) => {
      const [u, v] = turn(x, y);
      const row = Math.floor(v / height);
      const across = fract(u / width + (row & 1) / 2) * width;
      return across < 1.3 || fract(v / height) * height < 1.3 ? 0 : 1;
    };
  },
  zigzag: r => {
    const [turn, period, height, gap] = [turned(r), r.between(6, 12), r.between(2, 6), r.between(4, 8)];
    return (x, y) => {
      const [u, v] = turn(x, y);
      return fract((v + height * Math.abs(2 * fract(u / period) - 1)) / gap) < 0.5 ? 1 : 0;
    };
  },
  rings: r => {
    const [cx, cy, period, noise, warp] = [
      r.between(-6, 34),
      r.between(-6, 34),
      r.between(3, 8),
      valueNoise(r, 8),
      r.between(0, 8),
    ];
    return (x, y) => wave((Math.hypot(x - cx, y - cy) + warp * noise(x, y)) / period);
  },
  clouds: r => {
    const octaves = [14, 7, 3.5].map(cell => valueNoise(r, cell));
    return (x, y) => (octaves[0]!(x, y) + 0.5 * octaves[1]!(x, y) + 0.25 * octaves[2]!(x, y)) / 1.5;
  },
  marble: r => {
    const [turn, noise, period] = [turned(r), valueNoise(r, 7), r.between(6, 12)];
    return (x, y) => wave((turn(x, y)[0] + 9 * noise(x, y)) / period) ** 2;
  },
  cells: r => {
    const nearest = nearestTwo(r);
    return (x, y) => Math.min(1, nearest(x, y)[0] / 6);
  },
  cracks: r => {
    const nearest = nearestTwo(r);
    return (x, y) => {
      const [first, second] = nearest(x, y);
      return second - first < 1.1 ? 1 : 0;
    };
  },
};

const supersampling = 3;

/** Procedural textures that fill the image, an equal share of each kind, in random contrast and polarity. */
export function textureSamples(seed: number, count: number): Sample[] {
  const names = Object.keys(kinds);
  return Array.from({ length: count }, (_, i) => {
    const symbol = names[i % names.length]!;
    const variant = Math.floor(i / names.length);
    const random = randomFor(seed, 'textures', symbol, variant);
    const low = random.between(0, 90);
    const high = random.between(170, 255);
    const [dark, bright] = random.next() < 0.5 ? [low, high] : [high, low];
    const field = kinds[symbol]!(random);
    const pixels = quantise(
      Float64Array.from({ length: side * side }, (_, p) => {
        let sum = 0;
        for (let s = 0; s < supersampling ** 2; s++) {
          const x = (p % side) + ((s % supersampling) + 0.5) / supersampling;
          const y = Math.floor(p / side) + (Math.floor(s / supersampling) + 0.5) / supersampling;
          sum += field(x, y);
        }
        return dark + ((bright - dark) * sum) / supersampling ** 2;
      }),
    );
    return { pixels, family: 'textures', style: '-', symbol, variant };
  });
}
