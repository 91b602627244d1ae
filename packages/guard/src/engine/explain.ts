import type { Matrix as AnyMatrix } from '@ood/core';
import { type Detector, flowOf } from '@ood/detectors';
import { FILES, type Manifest } from '../folder/manifest.ts';
import { readTensors } from '../folder/tensors.ts';
import type { Explanation, RawExplanation, SurprisingDimension } from '../open/guard.ts';
import { argmax, lengthOf } from '../vectors.ts';

type Matrix = AnyMatrix<Float32Array>;

/** Dimensions that an explanation lists. */
const LISTED = 5;

/** Where the score of one row of features comes from. */
export async function explainRow(
  given: AnyMatrix,
  {
    folder,
    manifest,
    detector,
  }: { readonly folder: string; readonly manifest: Manifest; readonly detector: Detector },
): Promise<RawExplanation> {
  const { rows, cols: dim } = given;
  const features = { rows, cols: dim, data: Float32Array.from(given.data) };
  const row = features.data.subarray(0, dim);
  const stored =
    manifest.trainingRows > 0
      ? await readTensors(folder, FILES.reference, {
          mean: { type: 'float32', shape: [dim] },
          deviation: { type: 'float32', shape: [dim] },
          classes: { type: 'int32', shape: [null] },
          classMeans: { type: 'float32', shape: [null, dim] },
        })
      : undefined;
  const nearest = stored && nearestClass(row, stored.classMeans.data, manifest, stored.classes.data);
  const density = await explainDensity(features, detector);
  return {
    detector: manifest.detector.name,
    ...(nearest && { nearestClass: nearest }),
    features: stored ? mostSurprising(row, stored.mean.data, stored.deviation.data) : [],
    ...(density && { density }),
  };
}

/** The terms of a flow's log-density, for detectors that have one. */
async function explainDensity(features: Matrix, detector: Detector): Promise<Explanation['density']> {
  const flow = await flowOf(detector, { threads: 1 });
  if (flow === undefined) return undefined;
  try {
    const { base, layers } = await flow.trace(features);
    const latent = await flow.transform(features);
    const terms = layers.map(({ name, kind, logDet }) => ({ name, kind, logDet: logDet[0]! }));
    return {
      logProb: base[0]! + terms.reduce((sum, { logDet }) => sum + logDet, 0),
      base: base[0]!,
      layers: terms,
      latents: surprisingLatents(latent, { ...flow.weights.constants, ...flow.weights.parameters }),
    };
  } finally {
    await flow.close();
  }
}

/** Latent dimensions against the nearest component of the base: its mean and scale, or the standard normal's. */
function surprisingLatents(
  { data, cols }: Matrix,
  weights: Readonly<Record<string, { readonly data: Float32Array }>>,
): SurprisingDimension[] {
  const means = weights['base.mean']?.data ?? new Float32Array(cols);
  const scales = weights['base.logScale']?.data;
  const from = nearestRow(data, means) * cols;
  const deviation = Float32Array.from({ length: cols }, (_, i) => Math.exp(scales?.[from + i] ?? 0));
  return mostSurprising(data, means.subarray(from, from + cols), deviation);
}

/** The dimensions furthest from what is usual, in standard deviations. */
export function mostSurprising(
  values: Float32Array,
  usual: Float32Array,
  deviation: Float32Array,
): SurprisingDimension[] {
  return Array.from(values, (value, dimension) => ({
    dimension,
    value,
    usual: usual[dimension]!,
    deviations: (value - usual[dimension]!) / Math.max(deviation[dimension]!, 1e-6),
  }))
    .sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations))
    .slice(0, LISTED);
}

function nearestClass(
  row: Float32Array,
  means: Float32Array,
  { trainingClasses, classNames }: Manifest,
  classes: ArrayLike<number>,
): Explanation['nearestClass'] {
  if (classes.length === 0 || means.length !== classes.length * row.length) return undefined;
  const length = lengthOf(row) || 1;
  const cosines = Array.from(classes, (_, k) => {
    let dot = 0;
    for (let i = 0; i < row.length; i++) dot += (means[k * row.length + i]! * row[i]!) / length;
    return dot;
  });
  const best = argmax(cosines);
  const index = classes[best]!;
  const name = (trainingClasses ?? classNames)?.[index];
  return { index, ...(name !== undefined && { name }), cosine: cosines[best]! };
}

/** Index of the row of `rows` nearest to `point`. */
function nearestRow(point: Float32Array, rows: Float32Array): number {
  const count = rows.length / point.length;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    let distance = 0;
    for (let i = 0; i < point.length; i++) distance += (point[i]! - rows[k * point.length + i]!) ** 2;
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}
