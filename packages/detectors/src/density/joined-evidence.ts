import type { NumericArray } from '../contract/method.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { evidence, fitEvidenceScale, scaleArrays } from '../fusion/evidence-scale.ts';

type Arrays = Readonly<Record<string, NumericArray>>;

/** Scores of ID rows that the model was not fitted on. */
export interface References {
  readonly model: Float64Array;
  readonly neighbors: Float64Array;
}

/** Two scores as one: −log p of w (−log p of the model's) + (1 − w) (−log p of the neighbors'), each p among the references. */
export interface JoinedEvidence {
  readonly arrays: Arrays;
  /** Weight of the model's evidence: 0 or 1 where the other score is the same for all references. */
  readonly weight: number;
}

/** `undefined` where both scores are the same for all references. */
export function joinEvidence({ model, neighbors }: References, weight: number): JoinedEvidence | undefined {
  const [own, near] = [varies(model), varies(neighbors)];
  if (!own && !near) return undefined;
  const used = own ? (near ? weight : 1) : 0;
  const from = tailStart(model.length);
  const scales = {
    ...(own && scaleArrays('model', fitEvidenceScale(model, { from }))),
    ...(near && scaleArrays('neighbors', fitEvidenceScale(neighbors, { from }))),
  };
  const first = weigh(
    own ? evidenceOf(model, scales, 'model') : undefined,
    near ? evidenceOf(neighbors, scales, 'neighbors') : undefined,
    used,
  );
  return { weight: used, arrays: { ...scales, ...scaleArrays('joined', fitEvidenceScale(first, { from })) } };
}

/** The joined evidence `[batch, 1]` in nats, of scores `[batch, 1]`. */
export function joined(
  f: Formula,
  scores: { readonly model: Value; readonly neighbors: Value },
  { arrays, weight }: JoinedEvidence,
): Value {
  const model = weight > 0 ? evidence(f, scores.model, { arrays, prefix: 'model' }) : undefined;
  const neighbors = weight < 1 ? evidence(f, scores.neighbors, { arrays, prefix: 'neighbors' }) : undefined;
  const both =
    model && neighbors
      ? f.add(f.multiply(model, weight), f.multiply(neighbors, 1 - weight))
      : (model ?? neighbors)!;
  return evidence(f, both, { arrays, prefix: 'joined' });
}

/** Where the exponential tail starts: of few references it takes more, so that 20 make it. */
export function tailStart(references: number): number {
  return Math.max(0.5, Math.min(0.9, 1 - 20 / references));
}

/** The same function as `evidence` writes into a graph. */
export function evidenceOf(scores: Float64Array, arrays: Arrays, prefix: string): Float64Array {
  const [knots, widths, slopes] = ['knots', 'widths', 'slopes'].map(
    name => arrays[`${prefix}.${name}`]!.data,
  );
  return scores.map(score => {
    let sum = 0;
    for (let k = 0; k < knots!.length; k++)
      sum += Math.min(Math.max(score - knots![k]!, 0), widths![k]!) * slopes![k]!;
    return sum;
  });
}

function weigh(
  model: Float64Array | undefined,
  neighbors: Float64Array | undefined,
  weight: number,
): Float64Array {
  if (model === undefined || neighbors === undefined) return (model ?? neighbors)!;
  return model.map((value, i) => weight * value + (1 - weight) * neighbors[i]!);
}

function varies(scores: Float64Array): boolean {
  return scores.some(score => score !== scores[0]);
}
