import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { Detector } from '../contract/detector.ts';
import { decodeDetector, type LoadOptions } from '../persistence/detector-file.ts';

/** Largest file that is read: the bank of a KNN detector has at most 2 GiB. */
const MOST_BYTES = 2 ** 32;

/**
 * Writes a detector to a file, which is never found half-written; missing folders are made.
 *
 * @throws CoreError as `writeWholeFile` of `@ood/core/node`
 */
export async function saveDetector(detector: Pick<Detector, 'encode'>, path: string): Promise<void> {
  await writeWholeFile(path, detector.encode());
}

/**
 * The detector in a file; see `decodeDetector`.
 *
 * @throws as `decodeDetector`; CoreError `FILE_NOT_FOUND`, `NOT_A_FILE`, `PERMISSION_DENIED` and other refusals of the system
 */
export async function loadDetector(
  path: string,
  options: Omit<LoadOptions, 'where'> = {},
): Promise<Detector> {
  return decodeDetector(await readPlainFile(path, { maxBytes: MOST_BYTES }), { ...options, where: path });
}
