import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { AnyMethod, Fitted } from '../contract/method.ts';
import { DetectorsError } from '../errors.ts';
import { decodeFitted } from '../persistence/fitted-file.ts';

/** How many detectors are stored as parts. */
export function partCount(arrays: Fitted['arrays']): number {
  let count = 0;
  while (arrays[`part${count}`] !== undefined) count++;
  return count;
}

/** The detectors that were stored as parts of a fused one, in order. Close them when done. */
export function openParts(
  arrays: Fitted['arrays'],
  known: readonly AnyMethod[],
  environment: Environment,
): readonly Detector[] {
  return Array.from({ length: partCount(arrays) }, (_, i) => {
    const { method, fitted } = decodeFitted(arrays[`part${i}`]!.data as Uint8Array, `part${i}`, name => {
      const found = known.find(candidate => candidate.name === name);
      if (found) return found;
      throw new DetectorsError('UNKNOWN_DETECTOR', {
        where: `part${i} of a fused detector`,
        expected: `one of ${known.map(({ name }) => name).join(', ')}`,
        got: name,
        advice: 'fit it again with this version',
      });
    });
    return createDetector(method, fitted, environment);
  });
}
