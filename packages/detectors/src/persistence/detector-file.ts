import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import type { AnyMethod } from '../contract/method.ts';
import { findMethod } from '../registry.ts';
import { decodeFitted } from './fitted-file.ts';

export interface LoadOptions extends Environment {
  /** Name of the source in errors. Default: `'detector'`. */
  readonly where?: string | undefined;
  /** Methods from outside that the file may hold. */
  readonly methods?: readonly AnyMethod[] | undefined;
}

/**
 * The detector that `encode` wrote; it scores the same to the last bit on the same runtime.
 *
 * @throws DetectorsError `FOREIGN_FILE`, `NEWER_VERSION`, `UNSUPPORTED` (a version no longer read), `CORRUPT_FILE` (damaged, or without
 *   what its method needs), `UNKNOWN_DETECTOR`
 */
export function decodeDetector(
  bytes: Uint8Array,
  { where = 'detector', methods = [], ...environment }: LoadOptions = {},
): Detector {
  const { method, fitted } = decodeFitted(bytes, where, name => findMethod(name, methods, where));
  return createDetector(method, fitted, environment);
}
