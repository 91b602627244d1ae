import {
  actNorm,
  affineCoupling,
  autoregressiveAffine,
  type Bijection,
  chain,
  fixedAffine,
  fixedAffineWeights,
  inverse,
  luLinear,
  permutation,
  residualBlock,
  splineCoupling,
} from '../../src/index.ts';

/** A fixed affine map that is not the identity. */
function shearedAffine(dim: number): Bijection {
  const identity = (i: number) => (i % (dim + 1) === 0 ? 1 : 0);
  const matrix = Float64Array.from({ length: dim * dim }, (_, i) => 2 * identity(i));
  const back = Float64Array.from({ length: dim * dim }, (_, i) => 0.5 * identity(i));
  matrix[1] = 3;
  back[1] = -0.75;
  const numbers = { mean: Float64Array.from({ length: dim }, (_, i) => i), matrix, inverse: back };
  return {
    ...fixedAffine(dim),
    initialize: () => fixedAffineWeights({ ...numbers, logDet: dim * Math.log(2) }),
  };
}

/** Every bijection, by name: a law holds for all of them. */
export const bijections: readonly (readonly [string, (dim: number) => Bijection])[] = [
  ['actNorm', actNorm],
  ['fixedAffine', shearedAffine],
  ['permutation', permutation],
  ['luLinear', dim => luLinear(dim)],
  ['luLinear in one block', dim => luLinear(dim, { blocks: 1 })],
  ['luLinear in blocks of one', dim => luLinear(dim, { blocks: dim })],
  ['affineCoupling, even kept', dim => affineCoupling(dim)],
  ['affineCoupling, odd kept, bounded', dim => affineCoupling(dim, { kept: 'odd', bound: 2 })],
  ['affineCoupling, first half kept', dim => affineCoupling(dim, { kept: 'first', hidden: [5, 4] })],
  ['affineCoupling, last half kept', dim => affineCoupling(dim, { kept: 'last', bound: 1 })],
  ['splineCoupling', dim => splineCoupling(dim, { bins: 5, bound: 3 })],
  ['splineCoupling with two bins', dim => splineCoupling(dim, { bins: 2, kept: 'last' })],
  ['autoregressiveAffine', dim => autoregressiveAffine(dim, { hidden: [12] })],
  [
    'autoregressiveAffine, reversed, bounded',
    dim => autoregressiveAffine(dim, { hidden: [8, 9], reversed: true, bound: 2 }),
  ],
  ['residual', dim => residualBlock(dim)],
  ['chain', dim => chain([affineCoupling(dim, { bound: 1 }), luLinear(dim), actNorm(dim)])],
  ['inverse', dim => inverse(chain([actNorm(dim), affineCoupling(dim, { bound: 1 })]))],
];

/** Those that need not split their dimensions in two. */
export const inOneDimension = ['actNorm', 'fixedAffine', 'permutation', 'luLinear', 'residual'];
