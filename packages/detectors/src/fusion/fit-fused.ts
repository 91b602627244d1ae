import { firstColumns, type Rows } from '@ood/core';
import { conformalThreshold } from '@ood/metrics';
import { createDetector } from '../contract/create-detector.ts';
import type { Environment } from '../contract/environment.ts';
import { fitState } from '../contract/fit.ts';
import type { FitOptions } from '../contract/fit-arguments.ts';
import type { AnyMethod, FitContext, Fitted, Found, Method, NumericArray } from '../contract/method.ts';
import type { Training } from '../contract/training.ts';
import { collectClassRows } from '../density/class-rows.ts';
import { evidenceOf, tailStart } from '../density/joined-evidence.ts';
import { planDensity } from '../density/plan.ts';
import { neighborPurity } from '../density/purity.ts';
import { DetectorsError } from '../errors.ts';
import { encodeFitted } from '../persistence/fitted-file.ts';
import { requireAgreement } from '../statistics/label-agreement.ts';
import { chooseEvidence } from './evidence-parts.ts';
import { fitEvidenceScale, scaleArrays } from './evidence-scale.ts';
import { fusedScorer } from './fused-scorer.ts';
import { gatedWeight, headGate } from './gate.ts';
import { partCount } from './parts.ts';
import { assignRoles } from './roles.ts';

export type FusionOptions = {
  /** Weight of the logit evidence against the density's 1. Default: 0.02 to 3 (to 0.5 where classes describe the neighborhoods), by what the head sees of swapped coordinates. */
  readonly evidenceWeight: number | undefined;
  /** Share of the ID rows that make the p-value scales. Default 0.2. */
  readonly referenceShare: number;
  /** Share of the ID rows that calibrate the fused score. Default 0.1. */
  readonly calibrationShare: number;
  /** Share of ID inputs that `fitted.threshold` may reject. Default 0.05. */
  readonly alpha: number;
  /** Seed of the split. Default 1. */
  readonly seed: number;
};

/** Needed to say anything about p-values. */
const FEWEST_REFERENCE = 20;
/** Weight of the evidence where there is no head to probe. */
const WITHOUT_HEAD = 0.3;

export interface FusedSpecification<Options extends object> {
  readonly name: string;
  readonly density: Method<Options>;
  /** Methods that a part may be of. */
  readonly known: readonly AnyMethod[];
}

/** Fits the density and the evidence, then their p-value scales, then the threshold, each on rows of its own. */
export async function fitFused<Options extends object>(
  { name, density, known }: FusedSpecification<Options>,
  training: Training,
  options: Options & FusionOptions,
  { source, head, runtime, threads, signal, onProgress, products }: FitContext,
): Promise<Found> {
  const { referenceShare, calibrationShare, seed, alpha } = options;
  await requireAgreement(training);
  const warnings: string[] = [];
  const roles = await assignRoles(training, source, {
    reference: referenceShare,
    calibration: calibrationShare,
    seed,
  });
  const reference = roles.reference as Required<Rows>;
  requireReference(name, reference);
  requireClasses(name, reference);
  const environment: Environment = { runtime, threads };
  const settings = { head, runtime, threads, signal, onProgress };
  const from = tailStart(reference.features.rows);
  const arrays: Record<string, NumericArray> = {};
  /** Fits a part, and stores it with its scale; without one, scores that are all the same are no part. */
  const addPart = async (method: AnyMethod, given: object): Promise<Fitted | undefined> => {
    const state = (await fitState(method as Method, roles.fit, {
      ...given,
      ...settings,
    } as FitOptions<never>)) as Fitted;
    const part = createDetector(method as Method, state, environment);
    const scores = await part.score(reference, { signal });
    await part.close();
    const i = partCount(arrays);
    if (i > 0 && scores.every(score => score === scores[0])) return undefined;
    for (const warning of state.warnings ?? []) warnings.push(`${method.title}: ${warning}`);
    const bytes = encodeFitted(method.name, state);
    arrays[`part${i}`] = { shape: [bytes.length], data: bytes };
    Object.assign(arrays, scaleArrays(`scale${i}`, fitEvidenceScale(scores, { from })));
    doubts.push(evidenceOf(scores, arrays, `scale${i}`));
    return state;
  };
  const doubts: Float64Array[] = [];
  const ownOptions = Object.fromEntries(
    Object.keys(density.defaults).map(key => [key, options[key as keyof typeof options]]),
  );
  const { numbers } = (await addPart(density as never, ownOptions))!;
  const fitContext = { source: roles.fit, head, products, signal, runtime, threads };
  const organized =
    numbers.organized === undefined ? await isOrganized(name, fitContext) : numbers.organized === 1;
  const rows = numbers.rows ?? reference.features.rows;
  const evidence = chooseEvidence({
    hasHead: head !== undefined,
    organized,
    features: firstColumns(reference.features, head?.weights.cols ?? reference.features.cols),
    rows,
  });
  let gate: number | undefined;
  for (const { method, options: given } of evidence) {
    const state = await addPart(method, given);
    if (method.name !== 'react' || state === undefined) continue;
    const react = createDetector(method as Method, state, environment);
    gate = await headGate(react, reference, seed);
    await react.close();
  }
  const others = doubts.slice(1);
  if (others.length > 0) {
    const mean = others[0]!.map((_, row) => others.reduce((sum, own) => sum + own[row]! / others.length, 0));
    Object.assign(arrays, scaleArrays('evidence', fitEvidenceScale(mean, { from })));
  }
  const evidenceWeight =
    options.evidenceWeight ?? (head === undefined ? WITHOUT_HEAD : gatedWeight(gate ?? 0.5, { organized }));
  const scorer = fusedScorer({ known, arrays, evidenceWeight, environment });
  const calibration = await scorer.score(roles.calibration as Required<Rows>, { signal });
  await scorer.close();
  const enough = calibration.length >= Math.ceil(1 / alpha) - 1;
  return {
    numbers: {
      organized: Number(organized),
      evidenceWeight,
      ...(gate !== undefined && { gate }),
      referenceRows: reference.features.rows,
      calibrationRows: calibration.length,
      ...(enough && { threshold: conformalThreshold(calibration, { alpha }).threshold }),
    },
    arrays,
    warnings,
  };
}

/** For densities that do not say whether classes describe the neighborhoods. */
async function isOrganized(where: string, context: FitContext): Promise<boolean> {
  const rows = await collectClassRows(where, context, { seed: 1 });
  return planDensity(rows, await neighborPurity(rows, context.products)).organized;
}

function requireClasses(where: string, { logits }: Rows): void {
  if (logits!.cols > 1) return;
  throw new DetectorsError('WRONG_SHAPE', {
    where,
    expected: 'logits of at least 2 classes: a single one leaves no doubt to fuse',
    got: `${logits!.cols}`,
    advice: 'take the density alone, e.g. fde',
    details: { need: 'logits', cols: logits!.cols },
  });
}

function requireReference(where: string, { features }: Rows): void {
  if (features!.rows >= FEWEST_REFERENCE) return;
  throw new DetectorsError('EMPTY_INPUT', {
    where,
    expected: `at least ${FEWEST_REFERENCE} rows held out for p-values`,
    got: `${features!.rows}`,
    advice: 'pass more rows or a larger referenceShare',
    details: { rows: features!.rows },
  });
}
