import { describe, expect, it } from 'vitest';
import { blobs, checkerboard, collect, moons, rings, type Toy } from '../src/index.ts';

const toys: readonly [string, (n: number, seed: number) => Toy, number][] = [
  ['blobs', (n, seed) => blobs({ n, seed }), 9],
  ['rings', (n, seed) => rings({ n, seed, sigma: 0.2 }), 5],
  ['checkerboard', (n, seed) => checkerboard({ n, seed }), 3],
];

describe.each(toys)('%s', (_, make, reach) => {
  it('have a density that integrates to 1', () => {
    const { logDensity } = make(1, 1);
    const cells = 300;
    const side = (2 * reach) / cells;
    let mass = 0;
    for (let i = 0; i < cells; i++) {
      for (let j = 0; j < cells; j++) {
        mass += Math.exp(logDensity([-reach + (i + 0.5) * side, -reach + (j + 0.5) * side])) * side ** 2;
      }
    }
    expect(mass).toBeCloseTo(1, 2);
  });

  it('draw from that density: shares of samples in cells agree with its integral', async () => {
    const n = 20_000;
    const { samples, logDensity } = make(n, 7);
    const [cells, fine] = [8, 20];
    const side = (2 * reach) / cells;
    const counts = new Float64Array(cells * cells);
    for (const { vector } of await collect(samples)) {
      counts[Math.floor((vector[0]! + reach) / side) * cells + Math.floor((vector[1]! + reach) / side)]! += 1;
    }
    for (let cell = 0; cell < counts.length; cell++) {
      const [x0, y0] = [Math.floor(cell / cells) * side - reach, (cell % cells) * side - reach];
      let mass = 0;
      for (let i = 0; i < fine * fine; i++) {
        const at = [
          x0 + ((Math.floor(i / fine) + 0.5) * side) / fine,
          y0 + (((i % fine) + 0.5) * side) / fine,
        ];
        mass += (Math.exp(logDensity(at)) * side ** 2) / fine ** 2;
      }
      expect(Math.abs(counts[cell]! / n - mass)).toBeLessThan(5 * Math.sqrt((mass + 1e-4) / n) + 0.02 * mass);
    }
  });

  it('are the same for the same seed', async () => {
    expect(await collect(make(20, 3).samples)).toEqual(await collect(make(20, 3).samples));
    expect(await collect(make(20, 3).samples)).not.toEqual(await collect(make(20, 4).samples));
  });
});

describe('moons', () => {
  it('lie on two half circles without noise, labeled', async () => {
    for (const { vector, label } of await collect(moons({ n: 200, seed: 1, sigma: 0 }).samples)) {
      const [x, y] = label === 0 ? [vector[0]!, vector[1]!] : [1 - vector[0]!, 0.5 - vector[1]!];
      expect(Math.hypot(x, y)).toBeCloseTo(1, 5);
      expect(y).toBeGreaterThanOrEqual(-1e-6);
    }
  });
});

it.each([
  ['blobs', () => blobs({ n: 0, seed: 1 })],
  ['moons', () => moons({ n: 1.5, seed: 1 })],
  ['an odd checkerboard', () => checkerboard({ n: 5, seed: 1, cells: 3 })],
])('bad counts of %s are refused', (_, run) => {
  expect(run).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});
