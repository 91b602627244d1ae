import { isOodError } from '@ood/core';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '@ood/flows/safetensors';
import type { Fitted } from '../contract/method.ts';
import { DetectorsError } from '../errors.ts';

/** Says what a file is. */
const FORMAT = 'ood-detector';
/** Version of the files written here; readers refuse later ones. */
const VERSION = 1;

/** The bytes of a fitted method: its arrays as safetensors, everything else as JSON in the metadata. */
export function encodeFitted(name: string, { arrays, ...rest }: Fitted): Uint8Array {
  return encodeSafetensors({
    metadata: { format: FORMAT, version: String(VERSION), name, fitted: JSON.stringify(rest) },
    arrays,
  });
}

/**
 * The name of a method and what it found, from bytes.
 *
 * @throws DetectorsError `FOREIGN_FILE`, `NEWER_VERSION`, `CORRUPT_FILE`
 */
export function decodeFitted(bytes: Uint8Array, where: string): { name: string; fitted: Fitted } {
  const { metadata, arrays } = decode(bytes, where);
  if (metadata.format !== FORMAT) throw foreign(where, `a safetensors file of format '${metadata.format}'`);
  const version = Number(metadata.version);
  if (!Number.isInteger(version) || version < 1) throw corrupt(where, 'a version', `'${metadata.version}'`);
  if (version > VERSION) throw newer(where, version);
  return { name: metadata.name ?? '', fitted: { ...parse(where, metadata.fitted), arrays } };
}

function decode(bytes: Uint8Array, where: string): Safetensors {
  try {
    return decodeSafetensors(bytes, where);
  } catch (error) {
    if (!isOodError(error)) throw error;
    throw error.code === 'FOREIGN_FILE'
      ? foreign(where, error.got)
      : corrupt(where, error.expected, error.got);
  }
}

function corrupt(where: string, expected: string, got: string): DetectorsError {
  return new DetectorsError('CORRUPT_FILE', {
    where,
    expected,
    got,
    advice: 'copy or fit it again: the file is damaged or incomplete',
  });
}

function foreign(where: string, got: string): DetectorsError {
  return new DetectorsError('FOREIGN_FILE', {
    where,
    expected: 'a detector saved by @ood/detectors',
    got,
    advice: 'pass the file that `saveDetector` wrote',
  });
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
  return new DetectorsError('NEWER_VERSION', {
    where,
    expected: `a detector file of version ${VERSION} or earlier`,
    got: `version ${version}`,
    advice: 'update @ood/detectors',
    details: { version, supported: VERSION },
  });
}
