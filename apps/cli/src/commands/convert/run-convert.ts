import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { printable } from '@ood/core';
import { requireWritableFolder } from '@ood/core/node';
import { convertTfjsModel, readModel, writeModel } from '@ood/onnx/node';
import { createProgress, formatFacts, type Io, requirePath, writeJson } from '@ood/terminal';
import { CliError } from '../../errors.ts';

export interface ConvertOptions {
  readonly model: string;
  readonly out: string;
  readonly dim?: Readonly<Record<string, number>>;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Writes a model of TensorFlow.js as an ONNX file and says how far the two are apart. */
export async function runConvert(options: ConvertOptions, io: Io): Promise<void> {
  const { model: word, out, dim, overwrite = false, json = false } = options;
  const path = await requirePath(word, io, 'model.json of a model of TensorFlow.js');
  const file = resolve(io.cwd, out);
  await requireWritableFolder(dirname(file), { where: `--out ${out}` });
  if (!overwrite && (await stat(file).catch(() => undefined)))
    throw new CliError('FILE_EXISTS', {
      where: `--out ${out}`,
      expected: 'a file that is not there yet',
      got: 'one that is',
      advice: 'give another name, or --overwrite',
    });
  const stage = createProgress(io, { silent: json }).stage('converting');
  const converted = await convertTfjsModel(path, dim === undefined ? {} : { freeDimensions: dim });
  if (converted === undefined) throw await otherModel(word, path);
  await writeModel(file, converted.model);
  stage.done(out);
  const { rows, outputs } = converted.parity;
  if (json) {
    writeJson(io, { model: word, out, parity: converted.parity });
    return;
  }
  const facts = [
    ['file', out] as const,
    ...outputs.map(
      ({ name, maxDifference, relativeDifference }) =>
        [
          printable(name),
          `differs by ${maxDifference.toExponential(1)} at most on ${rows} inputs of noise (${relativeDifference.toExponential(1)} of the largest)`,
        ] as const,
    ),
  ];
  io.stdout.write(`${formatFacts(facts)}\n`);
}

/** The error for a file that is no model of TensorFlow.js. @throws OnnxError with the way to ONNX for a model of another format */
async function otherModel(word: string, path: string): Promise<CliError> {
  await readModel(path, { externalData: 'keep' });
  return new CliError('UNSUPPORTED', {
    where: word,
    expected: 'model.json of a layers or graph model of TensorFlow.js',
    got: 'an ONNX model',
    advice: 'give it to the other commands as it is',
  });
}
