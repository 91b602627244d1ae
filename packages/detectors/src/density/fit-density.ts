import { isOodError } from '@ood/core';
import type { FitContext, Found, NumericArray } from '../contract/method.ts';
import { openFlowGraph } from '../flow/flow-graph.ts';
import { loadFlows } from '../flow/load-flows.ts';
import { foundFlow } from '../flow/stored-flow.ts';
import { fitClassModel } from './class-model.ts';
import { type ClassRows, takeClassRows } from './class-rows.ts';
import { closedFormArrays } from './closed-form.ts';
import { type DensityPart, scoreClosed } from './density-part.ts';
import { flowScores } from './flow-scores.ts';
import { joinEvidence, type References } from './joined-evidence.ts';
import { localDensity } from './local-density.ts';
import { type Plan, planDensity } from './plan.ts';
import { neighborPurity } from './purity.ts';
import { spreadKey } from './spread.ts';

export type DensityOptions = {
  /**
   * Whether a flow is trained in place of the closed form: `'auto'`, where classes describe the neighborhoods and there are 40 rows
   * or more for each direction. Default `'auto'`.
   */
  readonly flow: 'auto' | 'always' | 'never';
  /** γ: how far directions in which classes do not differ count less, from 0 to below 1. Default 0.7. */
  readonly background: number;
  readonly seed: number;
  readonly epochs: number | undefined;
  readonly batchSize: number | undefined;
  readonly learningRate: number | undefined;
  /** Standard deviation of the Gaussian noise on the flow's prepared rows. */
  readonly noise: number | undefined;
};

/** Fewer rows bear no p-values: only distances are left. */
const FEWEST = 10;
const FOLDS = 5;
/** From so many rows on, one held-out fifth is enough for the p-values. */
const ENOUGH = 5000;

/** Fits the joined density to unit rows with classes; see `fde`. */
export async function fitDensity(
  where: string,
  rows: ClassRows,
  options: DensityOptions,
  context: FitContext,
): Promise<Found> {
  const plan = planDensity(rows, await neighborPurity(rows, context.products));
  const common = { organized: Number(plan.organized), purity: plan.purity };
  if (rows.count < FEWEST) return distanceOnly(rows, common);
  const trained = options.flow === 'always' || (options.flow === 'auto' && plan.flow);
  const fitPart = trained ? flowPart : closedPart;
  const part = await fitPart(where, rows, { plan, options, context });
  const references: { model: number[]; neighbors: number[] } = { model: [], neighbors: [] };
  for (let fold = 0; fold < (trained || rows.count >= ENOUGH ? 1 : FOLDS); fold++) {
    const found = await held(fold, { where, rows, fitPart, plan, options, context, start: part.start });
    references.model.push(...(found?.model ?? []));
    references.neighbors.push(...(found?.neighbors ?? []));
  }
  const evidence =
    references.model.length > 1
      ? joinEvidence(
          { model: Float64Array.from(references.model), neighbors: Float64Array.from(references.neighbors) },
          plan.weight,
        )
      : undefined;
  if (evidence === undefined) return distanceOnly(rows, common);
  return {
    numbers: {
      ...common,
      ...part.numbers,
      neighbor: part.neighbor,
      weight: evidence.weight,
      references: references.model.length,
    },
    arrays: { ...part.arrays, ...evidence.arrays },
  };
}

interface Fitting {
  readonly plan: Plan;
  readonly options: DensityOptions;
  readonly context: FitContext;
  readonly start?: Float64Array | undefined;
}

interface FittedPart extends DensityPart {
  readonly numbers: Readonly<Record<string, number>>;
  /** The basis, for models of nearly the same rows to start from. */
  readonly start?: Float64Array | undefined;
  score(rows: ClassRows): Promise<References>;
}

async function closedPart(
  where: string,
  rows: ClassRows,
  { plan, options, context, start }: Fitting,
): Promise<FittedPart> {
  const { products, signal } = context;
  const model = await fitClassModel(rows, { where, products, signal, start });
  const { background } = options;
  const form = closedFormArrays(model, { background, residual: plan.residual });
  const metric = model.between.map(b => Math.sqrt(1 - background / (1 + b)));
  const R = model.directions;
  const bankRows = plan.organized ? await latents(rows, model, metric, context) : rows.data;
  const { bank, neighbor } = localDensity(bankRows, plan.organized ? R : rows.dim, plan);
  const arrays: Record<string, NumericArray> = {
    ...form,
    bank,
    ...(plan.organized && { metric: { shape: [1, R], data: metric } }),
  };
  const part: DensityPart = { arrays, neighbor, organized: plan.organized };
  return {
    ...part,
    numbers: { directions: R, shrinkage: model.shrinkage },
    start: model.basis,
    score: ({ count, dim, data }) => scoreClosed(part, { rows: count, cols: dim, data }, context),
  };
}

async function latents(
  { data, dim }: ClassRows,
  { mean, map, directions }: Awaited<ReturnType<typeof fitClassModel>>,
  metric: Float64Array,
  { products }: FitContext,
): Promise<Float64Array> {
  const centered = data.map((value, at) => value - mean[at % dim]!);
  const u = await products.multiply(centered, map, dim);
  return u.map((value, at) => value * metric[at % directions]!);
}

/** The flow starts as the closed form, and its latent at the closed form's metric. */
async function flowPart(
  where: string,
  rows: ClassRows,
  { plan, options, context }: Fitting,
): Promise<FittedPart> {
  const { runtime, threads, signal, onProgress } = context;
  const { flow: _, background, ...training } = options;
  const flows = await loadFlows(where);
  // All the way to the best held-out likelihood where rows abound, else halfway.
  const preset = flows.fde({
    directions: rows.directions,
    background,
    training: { interpolation: plan.flow ? 1 : 0.5 },
  });
  const source = { ...asMatrix(rows), labels: rows.classes };
  const { flow, history } = await flows.fit(preset, source, {
    ...training,
    runtime,
    threads,
    signal,
    onProgress: onProgress && (({ done, total }) => onProgress({ stage: where, done, total })),
  });
  const { numbers, arrays } = await foundFlow(flows, { flow, history, runtime, latent: plan.organized });
  await flow.close();
  const [bankRows, cols] = plan.organized
    ? await flowLatents(arrays.latent!, rows, context)
    : [rows.data, rows.dim];
  const { bank, neighbor } = localDensity(bankRows, cols, plan);
  const part: DensityPart = { arrays: { ...arrays, bank }, neighbor, organized: plan.organized };
  return {
    ...part,
    numbers: { ...numbers, directions: rows.directions },
    score: held => scoreFlow(part, held, context),
  };
}

async function flowLatents(
  latent: NumericArray,
  rows: ClassRows,
  context: FitContext,
): Promise<readonly [Float32Array, number]> {
  const graph = openFlowGraph(latent, context);
  try {
    const data = await graph.run(asMatrix(rows));
    return [data, data.length / rows.count];
  } finally {
    await graph.close();
  }
}

async function scoreFlow(part: DensityPart, rows: ClassRows, context: FitContext): Promise<References> {
  const scores = flowScores(part, context);
  try {
    return await scores.both({ rows: rows.count, cols: rows.dim, data: rows.data });
  } finally {
    await scores.close();
  }
}

/** Scores of a fold by a part that was fitted without it; `undefined` where the other rows do not vary. */
async function held(
  fold: number,
  {
    where,
    rows,
    fitPart,
    ...fitting
  }: Fitting & { where: string; rows: ClassRows; fitPart: typeof closedPart | typeof flowPart },
): Promise<References | undefined> {
  const inFold = (row: number) => Math.floor(FOLDS * spreadKey(row)) === fold;
  const all = Array.from({ length: rows.count }, (_, row) => row);
  const [own, others] = [all.filter(inFold), all.filter(row => !inFold(row))];
  if (own.length === 0 || others.length < 2) return undefined;
  try {
    const part = await fitPart(where, takeClassRows(rows, others), fitting);
    return await part.score(takeClassRows(rows, own));
  } catch (error) {
    if (isOodError(error, 'SINGULAR_COVARIANCE')) return undefined;
    throw error;
  }
}

function distanceOnly({ data, dim }: ClassRows, numbers: Readonly<Record<string, number>>): Found {
  const { bank, neighbor } = localDensity(data, dim, { neighbor: 1 });
  return { numbers: { ...numbers, neighbor, weight: 0, references: 0 }, arrays: { bank } };
}

function asMatrix({ count, dim, data }: ClassRows) {
  return { rows: count, cols: dim, data: Float32Array.from(data) };
}
