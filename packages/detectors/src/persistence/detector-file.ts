import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import type { Environment, Fitted } from '../contract/method.ts';
import { DetectorsError } from '../errors.ts';
import { findMethod } from '../registry.ts';
import { FORMAT, VERSION } from './encode-fitted.ts';
import { corrupt, decodeSafetensors, foreign } from './safetensors.ts';

export interface LoadOptions extends Environment {
  /** Name of the source in errors. Default: `'detector'`. */
  readonly where?: string;
}

/**
 * The detector that `encode` wrote; it scores the same to the last bit on the same runtime.
 *
 * @throws DetectorsError `FOREIGN_FILE`, `NEWER_FILE`, `CORRUPT_FILE`, `UNKNOWN_DETECTOR`
 */
export function decodeDetector(
  bytes: Uint8Array,
  { where = 'detector', ...environment }: LoadOptions = {},
): Detector {
  const { metadata, arrays } = decodeSafetensors(bytes, where);
  if (metadata.format !== FORMAT) throw foreign(where, `a safetensors file of format '${metadata.format}'`);
  const version = Number(metadata.version);
  if (version > VERSION) throw newer(where, version);
  const method = findMethod(metadata.name);
  return createDetector(method, { ...parse(where, metadata.fitted), arrays }, environment);
}

/** Writes a detector to a file: under a temporary name first, then renamed. */
export async function saveDetector(detector: Pick<Detector, 'encode'>, path: string): Promise<void> {
  const { mkdir, rename, writeFile } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.incomplete`, detector.encode());
  await rename(`${path}.incomplete`, path);
}

/** The detector in a file; see `decodeDetector`. */
export async function loadDetector(path: string, environment: Environment = {}): Promise<Detector> {
  const { readFile } = await import('node:fs/promises');
  return decodeDetector(await readFile(path), { ...environment, where: path });
}

function parse(where: string, text: string | undefined): Omit<Fitted, 'arrays'> {
  try {
    const value = JSON.parse(text ?? '') as Partial<Fitted>;
    if (value.options && value.numbers && value.widths) return value as Fitted;
  } catch {
    // Reported below.
  }
  throw corrupt(where, 'metadata of a fitted detector', JSON.stringify(text)?.slice(0, 60) ?? 'none');
}

function newer(where: string, version: number): DetectorsError {
  return new DetectorsError('NEWER_FILE', {
    where,
    expected: `a detector file of version ${VERSION} or earlier`,
    got: `version ${version}`,
    advice: 'update @ood/detectors',
    details: { version, supported: VERSION },
  });
}
