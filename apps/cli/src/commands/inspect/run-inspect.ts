import { resolve } from 'node:path';
import { isOodError } from '@ood/core';
import { type BackboneDescription, type BackboneOptions, isBackboneError, openBackbone } from '@ood/features';
import { describeModel } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import { GateMissedError, UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { writeJson } from '../../output/write-json.ts';
import { formatInspection } from './format-inspection.ts';
import type { Refusal } from './inspection.ts';

export interface InspectOptions {
  readonly path: string;
  /** Layer, head, pooling … as for `openBackbone`. */
  readonly backbone: BackboneOptions;
  readonly json: boolean;
}

/**
 * Prints what a model is; one that cannot serve as backbone is described too, with the reason.
 *
 * @throws GateMissedError where a head was required, or a layer named, and the model does not have it; UsageError for a
 *   pooling or sizes that the model has no use for
 */
export async function runInspect(options: InspectOptions, io: Io): Promise<void> {
  const { path, json } = options;
  const { layer, head } = options.backbone;
  const file = resolve(io.cwd, path);
  const model = describeModel(await readModel(file));
  const backbone = await describeBackbone(file, options.backbone);
  const inspection = { file: path, model, backbone };
  if (json) writeJson(io, inspection);
  else io.stdout.write(`${formatInspection(inspection)}\n`);
  const asked =
    layer === undefined ? (head === 'require' ? '--head require' : undefined) : `--layer ${layer}`;
  if (asked !== undefined && 'refused' in backbone) {
    throw new GateMissedError(`${asked}: ${backbone.refused.message}`);
  }
}

async function describeBackbone(
  file: string,
  options: BackboneOptions,
): Promise<BackboneDescription | { refused: Refusal }> {
  try {
    const backbone = await openBackbone(file, options);
    try {
      return backbone.describe();
    } finally {
      await backbone.close();
    }
  } catch (error) {
    if (!isBackboneError(error) && !isOodError(error)) throw error;
    if (error.code === 'INVALID_ARGUMENT' || error.code === 'INVALID_OPTION')
      throw new UsageError(error.message);
    const candidates = isBackboneError(error) ? error.candidates : [];
    return { refused: { code: error.code, message: error.message, candidates } };
  }
}
