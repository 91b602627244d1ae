import { join } from 'node:path';
import { loadDetector } from '@ood/detectors/node';
import { extract, type FeatureModel, type Samples } from '@ood/features';
import { cutModel, type ModelProto, openModel, type Runtime, type Session } from '@ood/onnx';
import { asSource } from '../engine/as-source.ts';
import { probeSamples } from '../engine/probe-inputs.ts';
import { columnsOf, feedsOf } from '../engine/score-model.ts';
import { FILES, inputsOf, type Manifest } from '../folder/manifest.ts';
import { readPreprocessing } from '../folder/preprocessing-files.ts';
import { OUTPUTS } from '../graph/output-names.ts';
import { compareComputations, type Parity } from './parity.ts';

/** Synthetic inputs that are compared where none are given. */
const SYNTHETIC = 32;
/** Most inputs of a given sample. */
const MOST = 256;

export interface MeasureParityOptions {
  readonly sample?: Samples | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly runtime: Runtime;
  readonly threads?: number | undefined;
  readonly folder: string;
  readonly manifest: Manifest;
  /** The folder's graph. */
  readonly model: ModelProto;
  /** Calibration scores. */
  readonly scores: Float32Array;
}

/** Runs the exported file and, apart from it, backbone and float64 detector on the same inputs. */
export async function measureParity(
  file: string,
  options: MeasureParityOptions,
): Promise<{ readonly parity: Parity; readonly inputs: 'given' | 'synthetic' }> {
  const { runtime, folder, manifest, model, scores, sample, threads } = options;
  const session = { ...(threads !== undefined && { threads }) };
  const names = [OUTPUTS.features, ...(manifest.classes === null ? [] : [OUTPUTS.logits])];
  const exported = await runtime.createSession(file, session);
  const backbone = await openModel(runtime, cutModel(model, { outputs: names }), session);
  const detector = await loadDetector(join(folder, FILES.detector), { runtime, ...session });
  try {
    const samples = sample ? first(sample, MOST) : asSource(probeSamples(manifest, SYNTHETIC));
    const preprocessing = await readPreprocessing(folder, manifest);
    const settings = {
      ...(preprocessing && { preprocessing }),
      ...(options.signal && { signal: options.signal }),
    };
    const said = await extract(asModel(exported, manifest, decided), samples, settings);
    const found = await extract(asModel(backbone, manifest, []), samples, settings);
    const column = (name: string) => said.extra![name]!.data;
    const parity = compareComputations(
      {
        scores: column(OUTPUTS.score),
        pValues: column(OUTPUTS.pValue),
        isOod: column(OUTPUTS.isOod),
        logits: said.logits?.data,
      },
      { scores: await detector.score(found), logits: found.logits?.data },
      { scores, threshold: manifest.calibration.threshold },
    );
    return { parity, inputs: sample ? 'given' : 'synthetic' };
  } finally {
    await detector.close();
    await backbone.close();
    await exported.close();
  }
}

const decided = [OUTPUTS.score, OUTPUTS.pValue, OUTPUTS.isOod];

/** A session as a model for extraction; the exported file has no features, for which the first of its other outputs stands. */
function asModel(session: Session, manifest: Manifest, others: readonly string[]): FeatureModel {
  const { classes } = manifest;
  const inputs = inputsOf(manifest);
  return {
    inputs,
    async run(batch) {
      const outputs = await session.run(feedsOf(inputs, batch));
      const extra = Object.fromEntries(others.map(name => [name, columnsOf(outputs[name]!)]));
      return {
        features: columnsOf(outputs[others[0] ?? OUTPUTS.features]!),
        ...(classes !== null && { logits: columnsOf(outputs[OUTPUTS.logits]!) }),
        extra,
      };
    },
  };
}

function first(samples: Samples, count: number): Samples {
  return {
    length: samples.length === undefined ? undefined : Math.min(count, samples.length),
    async *[Symbol.asyncIterator]() {
      let left = count;
      for await (const sample of samples) {
        if (left-- <= 0) return;
        yield sample;
      }
    },
  };
}
