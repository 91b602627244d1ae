import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { exportGuard } from '@ood/guard';
import { describeModel } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import { naming } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { requireWritableFile } from '../../output/require-writable-file.ts';
import { openImages, requirePath } from '../guard/open-images.ts';

export interface ExportOptions {
  readonly guard: string;
  readonly out: string;
  readonly images?: string;
  readonly json?: boolean;
}

/** Whether a file is a guard exported before. */
async function isExport(path: string): Promise<boolean> {
  const { metadata } = describeModel(await readModel(path, { externalData: 'keep' }));
  return metadata['ood.format'] === 'ood-guard-onnx';
}

/** Writes a guard as one ONNX file with its parity report. */
export async function runExport({ guard, out, images, json = false }: ExportOptions, io: Io): Promise<void> {
  const folder = await requirePath(guard, io, 'the folder of a guard');
  const sample = images === undefined ? undefined : await openImages(images, io);
  const file = resolve(io.cwd, out);
  await requireWritableFile(file, { what: 'an exported guard', isOne: isExport });
  const stage = createProgress(io, { silent: json }).stage('exporting');
  await mkdir(dirname(file), { recursive: true });
  const options = { signal: io.signal, ...(sample && { sample }) };
  const report = await naming(out, exportGuard(folder, file, options));
  stage.done(out);
  if (json) {
    io.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...report }, null, 2)}\n`);
    return;
  }
  const { rows, inputs, logits, score, pValue, decisions } = report.sample;
  const facts: readonly (readonly [string, string])[] = [
    ['file', out],
    [
      'parity',
      `on ${rows} ${inputs === 'given' ? 'images' : 'synthetic images'}; more in ${out}.parity.json`,
    ],
    ...(logits === null ? [] : [['logits', `differ by ${logits.toExponential(1)} at most`] as const]),
    [
      'score',
      `differs by ${score.maxDifference.toExponential(1)} at most (${score.inDeviations.toExponential(1)} standard deviations)`,
    ],
    ['p-value', `differs by ${pValue.toExponential(1)} at most`],
    ['decisions', `${decisions} differ`],
  ];
  io.stdout.write(`${facts.map(([name, value]) => `${name.padEnd(9)}  ${value}`).join('\n')}\n`);
}
