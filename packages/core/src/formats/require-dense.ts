import { CoreError } from '../errors/core-error.ts';
import { type DenseArray, elementCount } from './dense-array.ts';

/** Refuses an array whose shape and data do not agree. @throws CoreError `WRONG_SHAPE`. */
export function requireDense(where: string, { shape, data }: DenseArray): void {
  if (shape.every(side => Number.isSafeInteger(side) && side >= 0) && elementCount(shape) === data.length)
    return;
  throw new CoreError('WRONG_SHAPE', {
    where,
    expected: 'as many elements as the shape says',
    got: `${data.length} elements and shape [${shape.join(', ')}]`,
    advice: 'correct the shape',
    details: { shape, length: data.length },
  });
}
