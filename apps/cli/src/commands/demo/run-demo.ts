import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { renderReport, runBenchmark, writeRun } from '@ood/eval';
import { openBackbone } from '@ood/features';
import { nodeRuntime } from '@ood/onnx/node';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { reportSharedRows } from '../../output/report-shared-rows.ts';
import { requireWritableFolder } from '../../output/require-writable-folder.ts';
import { resultsTable } from '../../output/results-table.ts';
import { packageVersion } from '../../package-version.ts';
import { demoContestants } from './contestants.ts';

import { glyphBenchmark } from './glyph-benchmark.ts';

export interface DemoOptions {
  /** Folder for the report, the results and the flow; made if it is not there. */
  readonly out: string;
  readonly seed: number;
  /** Print the results as one JSON document, and no progress. */
  readonly json: boolean;
}

/**
 * The whole method on the embedded glyphs: images → features by their backbone → a flow fitted on the ID training split →
 * scores of ID test and every OOD set, side by side with four baselines → a table, a report and files.
 */
export async function runDemo({ out, seed, json }: DemoOptions, io: Io): Promise<void> {
  const { signal, now } = io;
  const folder = resolve(io.cwd, out);
  await requireWritableFolder(folder);
  const progress = createProgress(io, { silent: json });

  const reading = progress.stage('reading the glyphs');
  const glyphs = await openGlyphs();
  const model = await openGlyphsBackbone();
  const backbone = await openBackbone(model.path);
  reading.done(`${1 + 1 + glyphs.ood.length} sets, ${glyphs.classes.length} classes`);

  const extracting = progress.stage('extracting features');
  const benchmark = await glyphBenchmark(glyphs, backbone, {
    signal,
    now,
    onProgress: (fraction, speed) =>
      extracting.update(fraction, speed === undefined ? '' : `${Math.round(speed)} images/s`),
  }).finally(() => backbone.close());
  extracting.done(`${benchmark.idTrain.features.cols} dimensions`);

  let flow: Uint8Array | undefined;
  const judging = progress.stage('fitting and scoring');
  const run = await runBenchmark(
    benchmark,
    demoContestants({
      seed,
      now,
      onFitProgress: detail => judging.update(undefined, `FDE: ${detail}`),
      onFlow: bytes => {
        flow = bytes;
      },
    }),
    {
      seed,
      signal,
      now,
      onSharedRows: shared => reportSharedRows(shared, io, { silent: json }),
      onProgress: ({ detector, step, fraction }) => judging.update(fraction, `${detector}: ${step}`),
      provenance: {
        command: `ood demo --seed ${seed}`,
        ood: packageVersion(),
        node: process.version,
        runtime: `${nodeRuntime.name} ${nodeRuntime.version}`,
        data: glyphs.name,
        model: `sha256 ${backbone.describe().model.sha256}`,
      },
    },
  );
  judging.done(`${run.results.detectors.length} detectors on ${benchmark.ood.length} OOD sets`);

  const writing = progress.stage('writing');
  const results = JSON.stringify(run.results, null, 2);
  signal.throwIfAborted();
  await writeRun(folder, {
    'report.html': await renderReport({ ...run, benchmark }),
    'results.json': `${results}\n`,
    ...(flow && { 'flow.safetensors': flow }),
  });
  writing.done(folder);

  if (json) {
    io.stdout.write(`${results}\n`);
    return;
  }
  io.stdout.write(`\n${resultsTable(run.results)}\n\n`);
  io.stdout.write(
    'AUROC in percent, ± half of its 95 % interval; FPR95: percentage of OOD accepted where 95 % of ID is accepted.\n',
  );
  io.stdout.write(`Report: ${pathToFileURL(join(folder, 'report.html')).href}\n`);
}
