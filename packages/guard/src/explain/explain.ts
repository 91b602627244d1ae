import { join } from 'node:path';
import { type Detector, flowOf } from '@ood/detectors';
import { type Matrix, readSafetensors } from '@ood/features';
import type { Explanation, RawExplanation, SurprisingDimension } from '../contract/guard.ts';
import { FILES, type Manifest } from '../folder/manifest.ts';
import { argmax, lengthOf } from '../vectors.ts';

/** Dimensions that an explanation lists. */
const LISTED = 5;

/** Where the score of one row of features comes from. */
export async function explainRow(
  features: Matrix,
  {
    folder,
    manifest,
    detector,
  }: { readonly folder: string; readonly manifest: Manifest; readonly detector: Detector },
): Promise<RawExplanation> {
  const row = features.data.subarray(0, features.cols);
  const stored = Object.hasOwn(manifest.files, FILES.reference)
    ? (await readSafetensors(join(folder, FILES.reference))).tensors
    : {};
  const array = (name: string) => stored[name]?.data as Float32Array | undefined;
  const nearest = nearestClass(
    row,
    array('classMeans'),
    manifest,
    stored.classes?.data as Int32Array | undefined,
  );
  const density = await explainDensity(features, detector);
  const [mean, deviation] = [array('mean'), array('deviation')];
  return {
    detector: manifest.detector.name,
    ...(nearest && { nearestClass: nearest }),
    features: mean && deviation ? mostSurprising(row, mean, deviation) : [],
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
  means: Float32Array | undefined,
  { trainingClasses, classNames }: Manifest,
  classes: Int32Array | undefined,
): Explanation['nearestClass'] {
  if (!means || !classes || classes.length === 0) return undefined;
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
