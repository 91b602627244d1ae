import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment } from '../contract/environment.ts';
import { DetectorsError } from '../errors.ts';
import { findMethod } from '../registry.ts';
import { decodeFitted } from './fitted-file.ts';

export interface LoadOptions extends Environment {
  /** Name of the source in errors. Default: `'detector'`. */
  readonly where?: string;
}

/**
 * The detector that `encode` wrote; it scores the same to the last bit on the same runtime.
 *
 * @throws DetectorsError `FOREIGN_FILE`, `NEWER_VERSION`, `CORRUPT_FILE`, `UNKNOWN_DETECTOR`
 */
export function decodeDetector(
  bytes: Uint8Array,
  { where = 'detector', ...environment }: LoadOptions = {},
): Detector {
  const { name, fitted } = decodeFitted(bytes, where);
  return createDetector(findMethod(name), fitted, environment);
}

/** Writes a detector to a file: under a temporary name first, then renamed. */
export async function saveDetector(detector: Pick<Detector, 'encode'>, path: string): Promise<void> {
  const { mkdir, rename, writeFile } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.incomplete`, detector.encode());
  await rename(`${path}.incomplete`, path);
}

/**
 * The detector in a file; see `decodeDetector`.
 *
 * @throws DetectorsError `CORRUPT_FILE` for a file that cannot be read
 */
export async function loadDetector(path: string, environment: Environment = {}): Promise<Detector> {
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new DetectorsError('CORRUPT_FILE', {
      where: path,
      expected: 'a readable file',
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  });
  return decodeDetector(bytes, { ...environment, where: path });
}
