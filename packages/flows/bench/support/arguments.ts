import { parseArgs } from 'node:util';
import { createRandom } from '@ood/core';
import type { Matrix } from '../../src/contract/arrays.ts';
import { normalArray } from '../../src/random.ts';

/** Numbers from the command line (`--rounds 3`), else these; a name that is not among them ends the run. */
export function numbersFrom<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  args: readonly string[] = process.argv.slice(2),
): Record<Name, number> {
  const options = Object.fromEntries(
    Object.entries<number>(defaults).map(([name, value]) => [
      name,
      { type: 'string', default: `${value}` } as const,
    ]),
  );
  const { values } = parseArgs({ args: [...args], options });
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])) as Record<
    Name,
    number
  >;
}

/** Rows of non-negative numbers, as penultimate features are. */
export function features(rows: number, cols: number): Matrix {
  return { rows, cols, data: normalArray(rows * cols, createRandom(1)).map(Math.abs) };
}
