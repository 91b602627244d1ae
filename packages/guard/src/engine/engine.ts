import { join } from 'node:path';
import type { Detector } from '@ood/detectors';
import { loadDetector } from '@ood/detectors/node';
import { createSharedDecoder, extractBatches, type Sample } from '@ood/features';
import { externalLocations, type Runtime } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { corrupt } from '../folder/folder-errors.ts';
import { FILES, inputsOf, type Manifest } from '../folder/manifest.ts';
import { readPreprocessing } from '../folder/preprocessing-files.ts';
import type { RawExplanation, Refusal, Verdict } from '../open/guard.ts';
import { judge } from '../open/verdict.ts';
import { asSource } from './as-source.ts';
import { explainRow } from './explain.ts';
import { readCalibration } from './read-calibration.ts';
import { scoreModel } from './score-model.ts';
import { verifyProbes } from './stored-probes.ts';

/** What a guard says of one input. */
export type Judged = { readonly verdict: Verdict } | { readonly refusal: Refusal };

/** The computing part of an open guard, in whichever thread. */
export interface Engine {
  judge(samples: readonly Sample[], batchSize: number): Promise<Judged[]>;
  explain(sample: Sample): Promise<{ readonly judged: Judged; readonly explanation?: RawExplanation }>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly runtime?: Runtime | undefined;
  readonly threads?: number | undefined;
}

/**
 * Loads a guard's graph into this thread and verifies calibration and probe inputs.
 *
 * @throws GuardError `CORRUPT_FILE`, `PROBE_MISMATCH`; OnnxError for a graph that the engine refuses
 */
export async function openEngine(
  folder: string,
  manifest: Manifest,
  { runtime = nodeRuntime, threads }: EngineOptions = {},
): Promise<Engine> {
  const { scores, calibration } = await readCalibration(folder, manifest);
  await requireOwnData(folder, manifest);
  const environment = { ...(threads !== undefined && { threads }) };
  const session = await runtime.createSession(join(folder, FILES.model), environment);
  let detector: Detector | undefined;
  const openDetector = async () =>
    (detector ??= await loadDetector(join(folder, FILES.detector), { runtime, ...environment }));
  const close = async () => {
    await detector?.close();
    await session.close();
  };
  try {
    const preprocessing = await readPreprocessing(folder, manifest);
    const model = scoreModel({
      session,
      shape: { inputs: inputsOf(manifest), classes: manifest.classes },
      ...(manifest.scoredBy === 'detector' && { detector: await openDetector() }),
    });
    await verifyProbes(folder, model, { manifest, preprocessing, scores });

    // Boxes of one image may come call by call.
    const decoder = createSharedDecoder();
    const fixed = typeof manifest.input.dims[0] === 'number';
    const judgeRow = (batch: ScoredBatch, row: number): Judged => {
      const { cols = 0, data } = batch.logits ?? {};
      const logits = data && Float32Array.from(data.subarray(row * cols, (row + 1) * cols));
      const score = batch.extra?.score?.data[row] ?? Number.NaN;
      return { verdict: judge({ score, ...(logits && { logits }) }, manifest, calibration) };
    };
    const batchesOf = (samples: readonly Sample[], batchSize: number) =>
      extractBatches(model, asSource(samples), {
        decoder,
        ...(preprocessing && { preprocessing }),
        ...(!fixed && { batchSize }),
      });
    return {
      async judge(samples, batchSize) {
        const judged: Judged[] = new Array(samples.length);
        for await (const batch of batchesOf(samples, batchSize)) {
          batch.indices.forEach((index, row) => {
            judged[index] = judgeRow(batch, row);
          });
          for (const { index, code, reason } of batch.failures) judged[index] = { refusal: { code, reason } };
        }
        return judged;
      },
      async explain(sample) {
        for await (const batch of batchesOf([sample], 1)) {
          const [failure] = batch.failures;
          if (failure) return { judged: { refusal: { code: failure.code, reason: failure.reason } } };
          const detector = await openDetector();
          return {
            judged: judgeRow(batch, 0),
            explanation: await explainRow(batch.features, { folder, manifest, detector }),
          };
        }
        throw new Error('an input gave neither a row nor a failure');
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type ScoredBatch = ReturnType<typeof extractBatches> extends AsyncGenerator<infer Batch> ? Batch : never;

/** Refuses a graph that keeps tensors in files which the guard does not list: the engine would read them unverified. */
async function requireOwnData(folder: string, { files }: Manifest): Promise<void> {
  const model = await readModel(join(folder, FILES.model), { externalData: 'keep' });
  for (const location of externalLocations(model)) {
    if (location === FILES.modelData && Object.hasOwn(files, location)) continue;
    throw corrupt(
      folder,
      `a ${FILES.model} whose tensors are in the guard`,
      `tensors in ${JSON.stringify(location.slice(0, 60))}`,
    );
  }
}
