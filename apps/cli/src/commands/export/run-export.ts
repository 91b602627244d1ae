import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemError } from '@ood/core';
import { exportGuard } from '@ood/guard';
import { describeModel } from '@ood/onnx';
import { readModel } from '@ood/onnx/node';
import {
  createProgress,
  type Fact,
  formatFacts,
  type Io,
  requireOwnFile,
  requirePath,
  writeJson,
} from '@ood/terminal';
import { openImages } from '../guard/open-images.ts';
import { trustOf } from '../guard/read-key.ts';
import type { TrustFlags } from '../options.ts';

export interface ExportOptions extends TrustFlags {
  readonly guard: string;
  readonly out: string;
  readonly images?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Whether a file is a guard exported before. */
async function isExport(path: string): Promise<boolean> {
  const { metadata } = describeModel(await readModel(path, { externalData: 'keep' }));
  return metadata['ood.format'] === 'ood-guard-onnx';
}

/** Writes a guard as one ONNX file with its parity report. */
export async function runExport(options: ExportOptions, io: Io): Promise<void> {
  const { guard, out, images, threads, json = false } = options;
  const folder = await requirePath(guard, io, 'the folder of a guard');
  const opened = images === undefined ? undefined : await openImages(images, io);
  const file = resolve(io.cwd, out);
  await requireOwnFile(file, { what: 'an exported guard', isOne: isExport });
  const stage = createProgress(io, { silent: json }).stage('exporting');
  await mkdir(dirname(file), { recursive: true });
  const exporting = exportGuard(folder, file, {
    ...(await trustOf(options, io)),
    threads,
    signal: io.signal,
    sample: opened?.samples,
  });
  const report = await exporting
    .catch((cause: unknown) => {
      throw systemError(cause, { where: out, expected: 'to write the exported guard' });
    })
    .finally(() => opened?.finishNotes());
  stage.done(out);
  if (json) {
    writeJson(io, { ...report, ...(opened && { leftOut: opened.leftOut }) });
    return;
  }
  const { rows, inputs, logits, score, pValue, decisions } = report.sample;
  const facts: readonly Fact[] = [
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
  io.stdout.write(`${formatFacts(facts)}\n`);
}
