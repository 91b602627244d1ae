import { join } from 'node:path';
import { type Detector, loadDetector } from '@ood/detectors';
import { extractBatches, type Sample } from '@ood/features';
import type { Runtime } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import type { RawExplanation, Refusal } from '../contract/guard.ts';
import { explainRow } from '../explain/explain.ts';
import { FILES, type Manifest } from '../folder/manifest.ts';
import { verifyProbes } from '../probes/stored-probes.ts';
import { asSource } from './as-source.ts';
import { scoreModel, splitColumns } from './score-model.ts';

/** What the graph says of one input. */
export type Scored =
  | { readonly score: number; readonly logits?: Float32Array }
  | { readonly refusal: Refusal };

/** The computing part of an open guard, in whichever thread. */
export interface Engine {
  score(samples: readonly Sample[], batchSize: number): Promise<Scored[]>;
  explain(sample: Sample): Promise<{ readonly scored: Scored; readonly explanation?: RawExplanation }>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly runtime?: Runtime;
  readonly threads?: number;
}

/**
 * Loads a guard's graph into this thread and verifies the probe inputs.
 *
 * @throws GuardError `PROBE_MISMATCH`; OnnxError for a graph that the engine refuses
 */
export async function openEngine(
  folder: string,
  manifest: Manifest,
  { runtime = nodeRuntime, threads }: EngineOptions = {},
): Promise<Engine> {
  const session = await runtime.createSession(join(folder, FILES.model), { threads });
  let detector: Detector | undefined;
  const openDetector = async () =>
    (detector ??= await loadDetector(join(folder, FILES.detector), { runtime, threads }));
  try {
    const shape = manifest;
    const preprocessing = manifest.preprocessing ?? undefined;
    const scoredBy = manifest.scoredBy === 'detector' ? { detector: await openDetector() } : {};
    const model = scoreModel({ session, shape, withFeatures: false, ...scoredBy });
    const whole = scoreModel({ session, shape, withFeatures: true, ...scoredBy });
    await verifyProbes(folder, whole, { preprocessing, input: manifest.input, probes: manifest.probes });

    const fixed = typeof manifest.input.dims[0] === 'number';
    const extraction = (batchSize: number) => ({
      preprocessing,
      ...(!fixed && { batchSize }),
    });
    return {
      async score(samples, batchSize) {
        const scored: Scored[] = new Array(samples.length);
        for await (const batch of extractBatches(model, asSource(samples), extraction(batchSize))) {
          const { features: column, logits, indices, failures } = batch;
          for (let row = 0; row < column.rows; row++) {
            scored[indices[row]!] = {
              score: column.data[row]!,
              ...(logits && { logits: logits.data.slice(row * logits.cols, (row + 1) * logits.cols) }),
            };
          }
          for (const { index, code, reason } of failures) scored[index] = { refusal: { code, reason } };
        }
        return scored;
      },
      async explain(sample) {
        for await (const batch of extractBatches(whole, asSource([sample]), extraction(1))) {
          const [failure] = batch.failures;
          if (failure) return { scored: { refusal: { code: failure.code, reason: failure.reason } } };
          const { scores, features } = splitColumns(batch.features);
          const { logits } = batch;
          return {
            scored: { score: scores[0]!, ...(logits && { logits: logits.data }) },
            explanation: await explainRow(features, { folder, manifest, detector: await openDetector() }),
          };
        }
        throw new Error('an input gave neither a row nor a failure');
      },
      async close() {
        await detector?.close();
        await session.close();
      },
    };
  } catch (error) {
    await detector?.close();
    await session.close();
    throw error;
  }
}
