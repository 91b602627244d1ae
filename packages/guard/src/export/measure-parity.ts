import { join } from 'node:path';
import { loadDetector } from '@ood/detectors';
import { extract, type FeatureModel, type Samples } from '@ood/features';
import { cutModel, type ModelProto, openModel, type Runtime, type Session, type Tensor } from '@ood/onnx';
import { asSource } from '../engine/as-source.ts';
import { FILES, type Manifest } from '../folder/manifest.ts';
import { OUTPUTS } from '../graph/output-names.ts';
import { probeImages, probeVectors } from '../probes/probe-inputs.ts';
import { compareComputations, type Parity } from './parity.ts';

/** Synthetic inputs that are compared where none are given. */
const SYNTHETIC = 32;
/** Most inputs of a given sample. */
const MOST = 256;

export interface MeasureParityOptions {
  readonly sample?: Samples;
  readonly signal?: AbortSignal;
  readonly runtime: Runtime;
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
  const { runtime, folder, manifest, model, scores, sample } = options;
  const names = [OUTPUTS.features, ...(manifest.classes === null ? [] : [OUTPUTS.logits])];
  const exported = await runtime.createSession(file);
  const backbone = await openModel(runtime, cutModel(model, { outputs: names }));
  const detector = await loadDetector(join(folder, FILES.detector), { runtime });
  try {
    const samples = sample ? first(sample, MOST) : synthetic(manifest);
    const settings = {
      preprocessing: manifest.preprocessing ?? undefined,
      signal: options.signal,
    };
    const said = await extract(
      asModel(exported, manifest, [OUTPUTS.score, OUTPUTS.pValue, OUTPUTS.isOod]),
      samples,
      settings,
    );
    const found = await extract(asModel(backbone, manifest, [OUTPUTS.features]), samples, settings);
    const column = (k: number) =>
      Float64Array.from({ length: said.features.rows }, (_, row) => said.features.data[row * 3 + k]!);
    const parity = compareComputations(
      { scores: column(0), pValues: column(1), isOod: column(2), logits: said.logits?.data },
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

/** A session as a model for extraction; its "features" are the columns of the outputs named. */
function asModel(session: Session, { input, classes }: Manifest, columns: readonly string[]): FeatureModel {
  return {
    inputs: [input],
    async run(batch) {
      const tensor = batch as Tensor;
      const outputs = await session.run({ [input.name]: tensor });
      const rows = tensor.dims[0]!;
      const parts = columns.map(name => outputs[name]!);
      const widths = parts.map(({ dims }) => dims[1] ?? 1);
      const cols = widths.reduce((a, b) => a + b, 0);
      const data = new Float32Array(rows * cols);
      let at = 0;
      parts.forEach((part, k) => {
        const width = widths[k]!;
        const values = part.data as Float32Array | Uint8Array;
        for (let row = 0; row < rows; row++)
          data.set(values.subarray(row * width, (row + 1) * width), row * cols + at);
        at += width;
      });
      const logits = outputs[OUTPUTS.logits]?.data as Float32Array | undefined;
      return {
        features: { rows, cols, data },
        ...(logits && classes !== null && { logits: { rows, cols: classes, data: logits } }),
      };
    },
  };
}

function synthetic({ preprocessing, input }: Manifest): Samples {
  if (preprocessing) return asSource(probeImages(SYNTHETIC).map((pixels, i) => ({ id: String(i), pixels })));
  return asSource(probeVectors(input, SYNTHETIC));
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
