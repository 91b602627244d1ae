import { DatasetError } from '../errors.ts';
import { createRng } from '../random/rng.ts';
import { type Toy, type ToyOptions, toyPoints } from './toy.ts';

export interface CheckerboardOptions extends ToyOptions {
  /** Cells along a side, even. Default: 4. */
  readonly cells?: number;
  /** Side of the whole board, centred at 0. Default: 4. */
  readonly side?: number;
}

/** Uniform on the dark cells of a checkerboard: p(x) = 2 / side² there, 0 elsewhere. All labels are 0. */
export function checkerboard({ n, seed, cells = 4, side = 4 }: CheckerboardOptions): Toy {
  if (!Number.isInteger(cells / 2) || cells < 2) {
    throw new DatasetError('BAD_COUNT', {
      where: 'checkerboard',
      expected: 'an even number of cells along a side',
      received: String(cells),
      advice: 'for example 4',
    });
  }
  const rng = createRng('checkerboard', seed);
  const cell = side / cells;
  return {
    samples: toyPoints('checkerboard', n, () => {
      const row = rng.integer(cells);
      const column = 2 * rng.integer(cells / 2) + (row % 2);
      return {
        x: (column + rng.uniform()) * cell - side / 2,
        y: (row + rng.uniform()) * cell - side / 2,
        label: 0,
      };
    }),
    logDensity(point) {
      const column = Math.floor((point[0]! + side / 2) / cell);
      const row = Math.floor((point[1]! + side / 2) / cell);
      const dark = Math.min(row, column) >= 0 && Math.max(row, column) < cells && (row + column) % 2 === 0;
      return dark ? Math.log(2 / side ** 2) : Number.NEGATIVE_INFINITY;
    },
  };
}
