import { bytesOf, Checksum, decodeSafetensors, encodeSafetensors } from '@ood/core';
import type { Fitted, Method, NumericArray } from '../contract/method.ts';
import { faultOf } from '../contract/stored.ts';
import { DetectorsError } from '../errors.ts';

/** Says what a file is. */
const FORMAT = 'ood-detector';
/** Version of the files written and read here. */
const VERSION = 2;

/** The bytes of a fitted method: its arrays as safetensors, everything else as JSON in the metadata, and a checksum of all. */
export function encodeFitted(name: string, found: Fitted): Uint8Array {
  const { options, numbers, arrays, widths, rowSize, labels, warnings = [], threads } = found;
  // In one order, so that a loaded detector is saved as the same bytes.
  const fitted = JSON.stringify({ options, numbers, widths, rowSize, labels, warnings, threads });
  const checksum = checksumOf(name, fitted, arrays);
  return encodeSafetensors({
    metadata: { format: FORMAT, version: String(VERSION), name, fitted, checksum },
    arrays,
  });
}

/**
 * A method and what it found, from bytes.
 *
 * @param methodOf the method of a name
 * @throws DetectorsError `FOREIGN_FILE`, `NEWER_VERSION`, `UNSUPPORTED`, `CORRUPT_FILE`, and what `methodOf` throws
 */
export function decodeFitted(
  bytes: Uint8Array,
  where: string,
  methodOf: (name: string) => Method,
): { method: Method; fitted: Fitted } {
  const { metadata, arrays } = decodeSafetensors(bytes, where);
  if (metadata.format !== FORMAT) throw foreign(where, metadata.format);
  requireVersion(where, metadata.version);
  const { name = '', fitted: text = '', checksum } = metadata;
  const numeric = numericArrays(where, arrays);
  if (checksum !== checksumOf(name, text, numeric))
    throw corrupt(where, `contents of checksum ${checksum}`, 'others');
  const method = methodOf(name);
  const fitted = { ...parse(where, text), arrays: numeric };
  const whole = { ...fitted, options: { ...method.defaults, ...fitted.options } };
  const fault = faultOf(method, whole);
  if (fault) throw corrupt(`${where} (${name})`, ...fault);
  return { method, fitted: whole };
}

function checksumOf(name: string, fitted: string, arrays: Fitted['arrays']): string {
  const sum = new Checksum().text(name).text(fitted);
  for (const key of Object.keys(arrays).sort()) {
    const array = arrays[key]!;
    sum.text(`${key} ${array.shape} ${array.data.constructor.name}`).bytes(bytesOf(array));
  }
  return sum.digest();
}

function numericArrays(
  where: string,
  arrays: Readonly<Record<string, { readonly data: unknown }>>,
): Fitted['arrays'] {
  for (const [name, { data }] of Object.entries(arrays)) {
    if ([Float64Array, Float32Array, Int32Array, Uint8Array].some(type => data instanceof type)) continue;
    throw corrupt(
      where,
      `'${name}' to hold float64, float32, int32 or bytes`,
      (data as object).constructor.name,
    );
  }
  return arrays as Record<string, NumericArray>;
}

function requireVersion(where: string, text: string | undefined): void {
  const version = Number(text);
  if (version === VERSION) return;
  if (!Number.isSafeInteger(version) || version < 1) throw corrupt(where, 'a version', `'${text}'`);
  const newer = version > VERSION;
  throw new DetectorsError(newer ? 'NEWER_VERSION' : 'UNSUPPORTED', {
    where,
    expected: `a detector file of version ${VERSION}`,
    got: `version ${version}`,
    advice: newer
      ? 'update @ood/detectors'
      : 'fit the detector again: versions 0.x read their own files only',
    details: { version, supported: VERSION },
  });
}

function parse(where: string, text: string): Omit<Fitted, 'arrays'> {
  try {
    const { options, numbers, widths, rowSize, labels, warnings = [], threads } = JSON.parse(text) as Fitted;
    const objects = [options, numbers, widths].every(part => typeof part === 'object' && part !== null);
    const texts = Array.isArray(warnings) && warnings.every(warning => typeof warning === 'string');
    const known = labels === undefined || labels === 'given' || labels === 'predicted';
    const isWider = rowSize === undefined || (Number.isSafeInteger(rowSize) && rowSize > widths.features!);
    if (objects && texts && known && isWider && (threads === undefined || Number.isSafeInteger(threads)))
      return {
        options,
        numbers,
        widths,
        ...(rowSize !== undefined && { rowSize }),
        warnings,
        ...(labels && { labels }),
        ...(threads !== undefined && { threads }),
      };
  } catch {
    // Reported below.
  }
  throw corrupt(
    where,
    'metadata of a fitted detector',
    text.length > 60 ? `${text.slice(0, 60)}…` : `'${text}'`,
  );
}

function corrupt(where: string, expected: string, got: string): DetectorsError {
  return new DetectorsError('CORRUPT_FILE', {
    where,
    expected,
    got,
    advice: 'copy or fit it again: the file is damaged or incomplete',
  });
}

function foreign(where: string, format: string | undefined): DetectorsError {
  return new DetectorsError('FOREIGN_FILE', {
    where,
    expected: 'a detector saved by @ood/detectors',
    got: format === undefined ? 'another safetensors file' : `a safetensors file of format '${format}'`,
    advice: 'pass the file that `saveDetector` wrote',
  });
}
