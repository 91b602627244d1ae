import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Method, NumericArray } from '../contract/method.ts';
import { DetectorsError } from '../errors.ts';
import { decodeFitted } from '../persistence/fitted-file.ts';

/** A method whatever its options. */
export type AnyMethod = Method<never>;

/** The detector that was stored as a part of a fused one. Close it when done. */
export function openPart(method: AnyMethod, { data }: NumericArray, environment: Environment): Detector {
  const { fitted } = decodeFitted(data as Uint8Array, method.name);
  return createDetector(method as Method, fitted as Fitted, environment);
}

/** The methods whose detectors were stored as parts, in order. */
export function partMethods(arrays: Fitted['arrays'], known: readonly AnyMethod[]): readonly AnyMethod[] {
  const methods: AnyMethod[] = [];
  for (let i = 0; arrays[`part${i}`] !== undefined; i++) {
    const { name } = decodeFitted(arrays[`part${i}`]!.data as Uint8Array, `part${i}`);
    const method = known.find(candidate => candidate.name === name);
    if (method === undefined) {
      throw new DetectorsError('UNKNOWN_DETECTOR', {
        where: `part${i} of a fused detector`,
        expected: `one of ${known.map(({ name }) => name).join(', ')}`,
        got: name,
        advice: 'fit it again with this version',
      });
    }
    methods.push(method);
  }
  return methods;
}
