import type { Fitted } from '../contract/method.ts';
import type { Sides, Stored } from '../contract/sides.ts';
import { scaleSides } from '../fusion/evidence-scale.ts';

/** What a joined density holds: a bank; and unless distance is all, a flow or a closed form, and scales. */
export function densityStored({ numbers, arrays }: Pick<Fitted, 'numbers' | 'arrays'>): Stored {
  const { organized, weight = 0 } = numbers;
  const isFlow = arrays.flow !== undefined;
  const isJoined = isFlow || arrays['joined.knots'] !== undefined;
  const inLatent = isJoined && organized === 1;
  const flow: Record<string, Sides> = {
    flow: ['bytes'],
    scoring: ['bytes'],
    ...(inLatent && { latent: ['bytes'] }),
  };
  const closed: Record<string, Sides> = {
    ...closedFormSides(arrays),
    ...(inLatent && { metric: [1, 'R'] }),
  };
  return {
    numbers: ['organized', 'weight'],
    counts: ['neighbor'],
    arrays: {
      bank: ['bank', inLatent ? (isFlow ? 'latents' : 'R') : 'features'],
      ...(isJoined && {
        ...(isFlow ? flow : closed),
        ...(weight > 0 && scaleSides('model')),
        ...(weight < 1 && scaleSides('neighbors')),
        ...scaleSides('joined'),
      }),
    },
    atLeast: { bank: numbers.neighbor ?? 1 },
  };
}

/** The arrays of `closedFormArrays`. */
export function closedFormSides({ directions, residual }: Fitted['arrays']): Record<string, Sides> {
  return {
    mean: ['features'],
    map: ['features', 'R'],
    squares: ['R', 'classes'],
    products: ['R', 'classes'],
    offsets: [1, 'classes'],
    ...((directions || residual) && { directions: ['R', 'features'], residual: [1] }),
  };
}
