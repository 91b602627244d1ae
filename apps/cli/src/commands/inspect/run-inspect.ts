import { isOodError, type OodError } from '@ood/core';
import {
  type BackboneDescription,
  type BackboneOptions,
  type LayerCandidate,
  openBackbone,
} from '@ood/features';
import { describeModel } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import { GateMissedError, type Io, requirePath, writeJson } from '@ood/terminal';
import { inFlags } from '../../in-flags.ts';
import { formatInspection, type Refusal } from './format-inspection.ts';

export interface InspectOptions {
  readonly path: string;
  /** Layer, head, pooling … as for `openBackbone`. */
  readonly backbone: BackboneOptions;
  readonly json: boolean;
}

/**
 * Prints what a model is; one that cannot serve as backbone is described too, with the reason.
 *
 * @throws GateMissedError where the model cannot serve as backbone as it is, e.g. has not the head or the layer that was asked
 *   for; the error of a pooling or sizes that the model has no use for
 */
export async function runInspect(options: InspectOptions, io: Io): Promise<void> {
  const { path, json } = options;
  const { layer, head } = options.backbone;
  const file = await requirePath(path, io, 'an ONNX file');
  const model = describeModel(await readModel(file));
  const backbone = await describeBackbone(file, options.backbone);
  const inspection = { file: path, model, backbone };
  if (json) writeJson(io, { ...inspection, threads: options.backbone.threads ?? null });
  else io.stdout.write(`${formatInspection(inspection)}\n`);
  if (!('refused' in backbone)) return;
  const asked =
    layer !== undefined ? `--layer ${layer}: ` : head === 'require' ? '--head require: ' : `${path}: `;
  const { message } = backbone.refused;
  // Candidates stand in the table already.
  throw new GateMissedError(
    `${asked}${json ? message : message.replace(/; candidates for --layer: .*/s, '')}`,
  );
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
    if (!isOodError(error) || isOfTheCommand(error)) throw error;
    return { refused: { code: error.code, message: inFlags(error), candidates: candidatesOf(error) } };
  }
}

/** Whether an error is about the command or the machine, and not about what the model is made of. */
function isOfTheCommand({ code, kind }: OodError): boolean {
  const asked = ['UNKNOWN_LAYER', 'NO_HEAD'].includes(code);
  return !asked && ['usage', 'environment', 'aborted'].includes(kind);
}

function candidatesOf({ details: { candidates } }: OodError): readonly LayerCandidate[] {
  return (candidates as readonly LayerCandidate[] | undefined) ?? [];
}
