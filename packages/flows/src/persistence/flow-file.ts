import { Checksum, decodeSafetensors, encodeSafetensors, type Safetensors } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { Json, NamedArrays, Weights } from '../contract/arrays.ts';
import { prefixed, scope } from '../contract/arrays.ts';
import { FlowsError } from '../errors.ts';
import { createFlow, type Flow, type FlowOptions } from '../flow/flow.ts';
import { buildModel, type CustomParts, describeModel, type ModelDescription } from './registry.ts';

const FORMAT = 'ood-flow';
/** Raised when older readers would misunderstand a file. */
const VERSION = 1;

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
  requireVersion(metadata.version, where);
  const arrays = requireFloats(stored, where);
  if (metadata.checksum !== checksum(metadata.description, arrays)) {
    throw new FlowsError('CORRUPT_FILE', {
      where,
      expected: `a description and weights with checksum ${metadata.checksum}`,
      got: 'others',
      advice: 'save the flow again, or copy the file again',
    });
  }
  const { model, about } = parseDescription(metadata.description, where);
  const weights: Weights = { parameters: scope(arrays, 'parameters'), constants: scope(arrays, 'constants') };
  const { bijections = {}, densities = {}, preparations = {}, ...running } = options;
  return createFlow(buildModel(model, { bijections, densities, preparations }), weights, {
    ...running,
    about,
  });
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

function requireVersion(version: string | undefined, where: string): void {
  const number = Number(version);
  if (number === VERSION) return;
  const newer = number > VERSION;
  throw new FlowsError(newer ? 'NEWER_VERSION' : 'CORRUPT_FILE', {
    where,
    expected: `format version ${VERSION}`,
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

function parseDescription(text: string | undefined, where: string): { model: ModelDescription; about: Json } {
  try {
    const { model, about = null } = JSON.parse(text ?? '');
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

function checksum(description: string | undefined, arrays: NamedArrays): string {
  const sum = new Checksum().text(description ?? '');
  for (const [name, { shape, data }] of Object.entries(arrays)) sum.text(`${name} ${shape}`).numbers(data);
  return sum.digest();
}
