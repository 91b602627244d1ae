import { createRandom, requireOption } from '@ood/core';
import { type Toy, type ToyOptions, toyPoints } from './toy.ts';

export interface CheckerboardOptions extends ToyOptions {
  /** Cells along a side, even. Default: 4. */
  readonly cells?: number;
  /** Side of the whole board, centred at 0. Default: 4. */
  readonly side?: number;
}

/** Uniform on the dark cells of a checkerboard: p(x) = 2 / side² there, 0 elsewhere. All labels are 0. */
export function checkerboard({ n, seed, cells = 4, side = 4 }: CheckerboardOptions): Toy {
  requireOption('checkerboard', 'cells', cells, [
    value => Number.isInteger((value as number) / 2) && (value as number) >= 2,
    'an even number of cells along a side, e.g. 4',
  ]);
  const random = createRandom(seed, 'checkerboard');
  const cell = side / cells;
  return {
    samples: toyPoints('checkerboard', n, () => {
      const row = random.below(cells);
      const column = 2 * random.below(cells / 2) + (row % 2);
      return {
        x: (column + random.uniform()) * cell - side / 2,
        y: (row + random.uniform()) * cell - side / 2,
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
