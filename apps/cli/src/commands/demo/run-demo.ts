import { resolve } from 'node:path';
import { requireWritableFolder } from '@ood/core/node';
import { openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import { openBackbone } from '@ood/features';
import { nodeRuntime } from '@ood/onnx/node';
import { createProgress, type Io } from '@ood/terminal';
import { CHOSEN_BY_ENGINE, judge } from '../eval/judge.ts';
import { demoContestants } from './contestants.ts';
import { glyphBenchmark } from './glyph-benchmark.ts';

export interface DemoOptions {
  /** Folder for the report, the results and the flow; made if it is not there. */
  readonly out: string;
  readonly seed: number;
  readonly threads?: number;
  /** Print the results as one JSON document, and no progress. */
  readonly json: boolean;
}

/**
 * The whole method on the embedded glyphs: images → features by their backbone → a flow fitted on the ID training split →
 * scores of ID test and every OOD set, side by side with four baselines → a table, a report and files.
 */
export async function runDemo({ out, seed, threads, json }: DemoOptions, io: Io): Promise<void> {
  const { signal, now } = io;
  const folder = resolve(io.cwd, out);
  await requireWritableFolder(folder, { where: `--out ${out}` });
  const progress = createProgress(io, { silent: json });

  const reading = progress.stage('reading the glyphs');
  const glyphs = await openGlyphs();
  const model = await openGlyphsBackbone();
  const backbone = await openBackbone(model.path, { threads });
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
  await judge(
    benchmark,
    {
      contestants: say =>
        demoContestants({
          seed,
          threads,
          now,
          onFitProgress: detail => say(`FDE: ${detail}`),
          onFlow: bytes => {
            flow = bytes;
          },
        }),
      folder,
      seed,
      json,
      progress,
      provenance: {
        command: `ood demo --seed ${seed}${threads === undefined ? '' : ` --threads ${threads}`}`,
        threads: threads ?? CHOSEN_BY_ENGINE,
        runtime: `${nodeRuntime.name} ${nodeRuntime.version}`,
        data: glyphs.name,
        model: `sha256 ${backbone.describe().model.sha256}`,
      },
      files: (): Readonly<Record<string, Uint8Array>> =>
        flow === undefined ? {} : { 'flow.safetensors': flow },
    },
    io,
  );
}
