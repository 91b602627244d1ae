import type { FixedInputs } from '@ood/features';
import { describeModel, type ModelDescription } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import { type Io, requirePath } from '@ood/terminal';
import { CliError } from '../../errors.ts';

/** A model that images or texts are for. */
export interface ModelFile {
  readonly path: string;
  readonly description: ModelDescription;
}

interface ModelFileOptions {
  /** Inputs that nobody feeds. */
  readonly fixed?: FixedInputs | undefined;
  /** Whether it takes texts, by several inputs. */
  readonly texts?: boolean;
}

/**
 * The model that `--model` names, and what it takes, apart from the inputs that are fixed, and gives.
 *
 * @throws CliError `NOT_A_FILE`, `UNSUPPORTED` for a model of several inputs; OnnxError for what is no model
 */
export async function modelFile(
  word: string,
  io: Io,
  { fixed = {}, texts = false }: ModelFileOptions = {},
): Promise<ModelFile> {
  const path = await requirePath(word, io, 'an ONNX model');
  const whole = describeModel(await readModel(path, { externalData: 'keep' }));
  const inputs = whole.inputs.filter(({ name }) => !Object.hasOwn(fixed, name));
  const description = { ...whole, inputs };
  if (inputs.length > 1 && !texts)
    throw new CliError('UNSUPPORTED', {
      where: word,
      expected: 'a model with one input, which takes the images',
      got: `${inputs.length}: ${inputs.map(({ name, dims }) => `${JSON.stringify(name)} [${(dims ?? []).map(dim => dim ?? '?').join(', ')}]`).join(', ')}`,
      advice:
        'fix those that are the same for every image by --input NAME=VALUE, or export the part of the model that takes images alone',
      details: { inputs: inputs.map(({ name }) => name) },
    });
  return { path, description };
}
