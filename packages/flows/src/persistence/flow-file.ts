import { Checksum, decodeSafetensors, encodeSafetensors, isOodError, type Safetensors } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { Json, NamedArrays, Weights } from '../contract/arrays.ts';
import { prefixed, scope } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { FlowsError } from '../errors.ts';
import { createFlow, type Flow, type FlowOptions } from '../flow/flow.ts';
import { buildModel, type CustomParts, describeModel, type ModelDescription } from './registry.ts';

const FORMAT = 'ood-flow';
/** Raised when older readers would misunderstand a file. Version 1 spelled a kind of part as British English does. */
const VERSION = 2;
const OLDER: Readonly<Record<string, string>> = { normalise: 'normalize' };

/** How to run the loaded flow, and how to rebuild parts from outside this package. */
export interface LoadOptions extends Omit<FlowOptions, 'about'>, CustomParts {}

/**
 * The flow as the bytes of a safetensors file: weights, and in its metadata the format, its version, a JSON description of
 * the mathematics and of `about`, and a checksum of description and weights.
 */
export function encodeFlow({ model, weights, about }: Pick<Flow, 'model' | 'weights' | 'about'>): Uint8Array {
  const arrays = {
    ...prefixed(weights.parameters, 'parameters'),
    ...prefixed(weights.constants, 'constants'),
  };
  const description = JSON.stringify({ model: describeModel(model), about });
  const metadata = {
    format: FORMAT,
    version: `${VERSION}`,
    checksum: checksum(description, arrays),
    description,
  };
  return encodeSafetensors({ metadata, arrays });
}

/**
 * The flow that {@link encodeFlow} wrote.
 *
 * @throws FlowsError `CORRUPT_FILE`, `FOREIGN_FILE`, `NEWER_VERSION`, `UNKNOWN_KIND`, `BAD_WEIGHTS`.
 */
export function decodeFlow(bytes: Uint8Array, options: LoadOptions = {}, where = 'decodeFlow'): Flow {
  if (!(bytes instanceof Uint8Array)) {
    throw new FlowsError('FOREIGN_FILE', {
      where,
      expected: 'bytes in a Uint8Array',
      got: typeof bytes,
      advice: 'read the file as bytes, or use loadFlow',
    });
  }
  const { metadata, arrays: stored } = decodeSafetensors(bytes, where);
  if (metadata.format !== FORMAT) {
    throw new FlowsError('FOREIGN_FILE', {
      where,
      expected: `metadata with format '${FORMAT}'`,
      got:
        metadata.format === undefined
          ? 'a safetensors file of something else'
          : `format '${metadata.format}'`,
      advice: 'pass a file that saveFlow wrote',
    });
  }
  const version = requireVersion(metadata.version, where);
  const arrays = requireFloats(stored, where);
  if (metadata.checksum !== checksum(metadata.description, arrays)) {
    throw new FlowsError('CORRUPT_FILE', {
      where,
      expected: `a description and weights with checksum ${metadata.checksum}`,
      got: 'others',
      advice: 'save the flow again, or copy the file again',
    });
  }
  const { model, about } = parseDescription(metadata.description, where, version);
  requireModestSizes(model, arrays, where);
  const weights: Weights = { parameters: scope(arrays, 'parameters'), constants: scope(arrays, 'constants') };
  const { bijections = {}, densities = {}, preparations = {}, ...running } = options;
  return createFlow(modelOf(model, { bijections, densities, preparations }, where), weights, {
    ...running,
    about,
  });
}

/** The model of a description, which may have been written by anybody. */
function modelOf(model: ModelDescription, custom: CustomParts, where: string): FlowModel {
  try {
    return buildModel(model, custom);
  } catch (cause) {
    // Options that a part refuses: no fault of the caller's.
    if (!isOodError(cause, 'INVALID_OPTION', 'CORRUPT_FILE')) throw cause;
    throw new FlowsError('CORRUPT_FILE', {
      where,
      expected: `${cause.where}: ${cause.expected}`,
      got: cause.got ?? 'something else',
      advice: 'save the flow again',
      cause,
    });
  }
}

/**
 * Writes the flow to a file, whole or not at all. Missing folders are made.
 *
 * @throws CoreError `DISK_FULL` and other refusals of the system.
 */
export async function saveFlow(flow: Pick<Flow, 'model' | 'weights' | 'about'>, path: string): Promise<void> {
  await writeWholeFile(path, encodeFlow(flow), { retry: 'save the flow again' });
}

/**
 * Reads a flow from a file of {@link saveFlow}.
 *
 * @throws FlowsError as {@link decodeFlow}; CoreError `FILE_NOT_FOUND`, `NOT_A_FILE` and other refusals of the system.
 */
export async function loadFlow(path: string, options: LoadOptions = {}): Promise<Flow> {
  const bytes = await readPlainFile(path, { what: 'a file of saveFlow' });
  return decodeFlow(bytes, options, path);
}

function requireVersion(version: string | undefined, where: string): number {
  const number = Number(version);
  if (number === VERSION || number === 1) return number;
  const newer = number > VERSION;
  throw new FlowsError(newer ? 'NEWER_VERSION' : 'CORRUPT_FILE', {
    where,
    expected: `format version 1 or ${VERSION}`,
    got: `version ${version ?? 'none'}`,
    advice: newer ? 'update @ood/flows: a newer release wrote this file' : 'save the flow again',
  });
}

function requireFloats(stored: Safetensors['arrays'], where: string): NamedArrays {
  for (const [name, { data }] of Object.entries(stored)) {
    if (data instanceof Float32Array) continue;
    throw new FlowsError('CORRUPT_FILE', {
      where,
      expected: `'${name}' to be a float32 array`,
      got: `a ${data.constructor.name}`,
      advice: 'save the flow again',
    });
  }
  return stored as NamedArrays;
}

function parseDescription(
  text: string | undefined,
  where: string,
  version: number,
): { model: ModelDescription; about: Json } {
  const renamed = (key: string, value: unknown) =>
    version === 1 && key === 'kind' && typeof value === 'string' ? (OLDER[value] ?? value) : value;
  try {
    const { model, about = null } = JSON.parse(text ?? '', renamed);
    if (['preparation', 'bijection', 'base'].every(part => typeof model[part].kind === 'string'))
      return { model, about };
  } catch {
    // falls through to the one error below
  }
  throw new FlowsError('CORRUPT_FILE', {
    where,
    expected: 'a description of preparation, bijection and base',
    got: text === undefined ? 'none' : 'something else',
    advice: 'save the flow again',
  });
}

/** Parts within parts that are followed. */
const DEEPEST = 64;
/** Widths of parts without numbers of their own, e.g. of one from outside this package, all together. */
const SMALL = 2 ** 19;
const WIDTHS = ['dim', 'inputDim', 'hidden', 'components', 'classes', 'probes'];

/**
 * Refuses parts that are wider than the numbers in the file could fill, before they take memory: every column has a few numbers at
 * least.
 */
function requireModestSizes(model: ModelDescription, arrays: NamedArrays, where: string): void {
  const numbers = Object.values(arrays).reduce((sum, { data }) => sum + data.length, 0);
  let total = 0;
  const add = (part: Json, depth: number): void => {
    if (depth > DEEPEST) throw tooLarge(where, `parts nested at most ${DEEPEST} deep`, 'more');
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (WIDTHS.includes(key)) for (const width of [value].flat()) total += Number(width) || 0;
      add(value, depth + 1);
    }
    if (total > SMALL + 8 * numbers)
      throw tooLarge(where, `parts that fit the ${numbers} numbers in the file`, 'wider ones');
  };
  add(model as unknown as Json, 0);
}

function tooLarge(where: string, expected: string, got: string): FlowsError {
  return new FlowsError('CORRUPT_FILE', { where, expected, got, advice: 'save the flow again' });
}

function checksum(description: string | undefined, arrays: NamedArrays): string {
  const sum = new Checksum().text(description ?? '');
  for (const [name, { shape, data }] of Object.entries(arrays)) sum.text(`${name} ${shape}`).numbers(data);
  return sum.digest();
}
