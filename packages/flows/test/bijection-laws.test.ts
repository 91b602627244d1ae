import { beforeAll, describe, it } from 'vitest';
import { type Bijection, luLinear } from '../src/index.ts';
import { bijectionLaws } from '../src/laws/index.ts';
import { bijections, inOneDimension } from './support/bijection-table.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const dims = [2, 3, 6] as const;
const table = [
  ...bijections.flatMap(([name, make]) => dims.map(dim => [`${name}, ${dim}-d`, make(dim)] as const)),
  ...bijections
    .filter(([name]) => inOneDimension.includes(name))
    .map(([name, make]) => [`${name}, 1-d`, make(1)] as const),
  // Wide enough for substitution to halve its blocks, more than once and unevenly.
  ['luLinear in one block, 21-d', luLinear(21, { blocks: 1 })],
  ['luLinear in two blocks, 19-d', luLinear(19)],
] as const;

describe.each(table)('%s', (_, bijection) => {
  const laws = bijectionLaws(bijection, {
    idle: emptyTriangles(bijection),
    graphs: [1, 3].includes(bijection.dim),
  });
  it.each(laws)('$name', ({ check }) => check());
});

/** A 1×1 diagonal block of a strictly triangular matrix counts for nothing. */
function emptyTriangles({ parameters }: Bijection): string[] {
  return Object.keys(parameters).filter(
    name => /(upper|lower)\.\d+$/.test(name) && parameters[name]![0] === 1,
  );
}
