import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Method, NumericArray } from '../contract/method.ts';
import { decodeFitted } from '../persistence/fitted-file.ts';

/** A method whatever its options. */
export type AnyMethod = Method<never>;

/** The detector that was stored as a part of a fused one. Close it when done. */
export function openPart(method: AnyMethod, { data }: NumericArray, environment: Environment): Detector {
  const { fitted } = decodeFitted(data as Uint8Array, method.name);
  return createDetector(method as Method, fitted as Fitted, environment);
}
