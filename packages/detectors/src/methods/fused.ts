import { conformalThreshold } from '@ood/metrics';
import { createDetector } from '../contract/create-detector.ts';
import type { Detector } from '../contract/detector.ts';
import { type FitOptions, fitMethod, fitState } from '../contract/fit.ts';
import type { Environment, FitContext, Fitted, Found, Method, NumericArray } from '../contract/method.ts';
import { requirePositive } from '../contract/options.ts';
import type { Rows, TrainingSource } from '../contract/rows.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { evidence, fitEvidenceScale, scaleArrays } from '../fusion/evidence-scale.ts';
import { joinScores } from '../fusion/fused-graph.ts';
import { fusedScorer } from '../fusion/fused-scorer.ts';
import { assignRoles } from '../fusion/roles.ts';
import { decodeFitted, encodeFitted } from '../persistence/fitted-file.ts';
import { type FdeMethodOptions, fde } from './fde.ts';
import { gen } from './gen.ts';
import { type MahalanobisOptions, mahalanobisPlusPlus } from './mahalanobis.ts';
import { she } from './she.ts';

export type FusionOptions = {
  /** Weight of the logit evidence against the density's 1. Default 0.5. */
  readonly evidenceWeight: number;
  /** Share of the ID rows that make the p-value scales. Default 0.2. */
  readonly referenceShare: number;
  /** Share of the ID rows that calibrate the fused score. Default 0.1. */
  readonly calibrationShare: number;
  /** Share of ID inputs that `fitted.threshold` may reject. Default 0.05. */
  readonly alpha: number;
  /** Seed of the split. Default 1. */
  readonly seed: number;
};

type AnyMethod = Method<never>;

/** Needed to say anything about p-values. */
const FEWEST_REFERENCE = 20;

/**
 * Density and logit evidence made one score: score = log(e^a + w e^b) − log(1 + w) in nats, where a = −log p of the density
 * and b the mean of −log p over the evidence, each p one-sided and from ID rows held out of the fit; this is −log of the weighted harmonic mean p (Wilson,
 * 2019). Both terms only ever add: a confident logit (b = 0) leaves the density's alarm as it is, and the larger alarm decides.
 *
 * A conformal threshold on further ID rows makes decisions valid whatever the dependence of the terms: `fitted.threshold`.
 */
function fusedMethod<Options extends object>(
  names: Pick<Method, 'name' | 'title' | 'paper'>,
  density: Method<Options>,
): Method<Options & FusionOptions> {
  const components: readonly AnyMethod[] = [density, gen, she] as never;
  const { name } = names;
  return {
    ...names,
    needs: ['features', 'logits', 'labels'],
    reads: ['features', 'logits'],
    defaults: {
      ...density.defaults,
      evidenceWeight: 0.5,
      referenceShare: 0.2,
      calibrationShare: 0.1,
      alpha: 0.05,
      seed: 1,
    },
    check: options => {
      requirePositive(name, 'evidenceWeight', options.evidenceWeight);
      requireHeldShares(name, options);
      density.check?.(options);
    },
    fit: (training, options, context) => fitFused({ components, density, name }, training, options, context),
    open: (fitted, environment) =>
      fusedScorer({
        parts: components.map((method, i) => openPart(method, fitted.arrays[`part${i}`], environment)),
        formula: (f, scores) => fuse(f, scores, fitted.arrays, fitted.options.evidenceWeight),
        environment,
      }),
    toOnnx: async (fitted, exported, environment) => {
      const { features, logits } = exported;
      const models: Uint8Array[] = [];
      for (const [i, method] of components.entries()) {
        const part = openPart(method, fitted.arrays[`part${i}`], environment);
        models.push(await part.toOnnx({ features, logits }));
        await part.close();
      }
      return joinScores(models, exported, (f, scores) =>
        fuse(f, scores, fitted.arrays, fitted.options.evidenceWeight),
      );
    },
  };
}

/** The recommended default where a head exists: flow density with GEN and SHE. */
export const fdeFused = fusedMethod<FdeMethodOptions>(
  {
    name: 'fde-fused',
    title: 'FDE fused',
    paper:
      'Cook, Lavoie and Waslander, 2024 (density); Liu, Lochman and Zach, 2023 (GEN); Zhang et al., 2023 (SHE); Wilson, 2019: The harmonic mean p-value',
  },
  fde,
);

/** The same with Mahalanobis++ as density: nothing to train. */
export const mahalanobisFused = fusedMethod<MahalanobisOptions>(
  {
    name: 'mahalanobis++-fused',
    title: 'Mahalanobis++ fused',
    paper:
      'Müller and Hein, 2025 (density); Liu, Lochman and Zach, 2023 (GEN); Zhang et al., 2023 (SHE); Wilson, 2019: The harmonic mean p-value',
  },
  mahalanobisPlusPlus,
);

/** Fits `fde-fused`. Needs features, and logits or head; labels where there are any. */
export function fitFdeFused(
  source: TrainingSource,
  options: FitOptions<FdeMethodOptions & FusionOptions> = {},
): Promise<Detector> {
  return fitMethod(fdeFused, source, options);
}

/** Fits `mahalanobis++-fused`. Needs features, and logits or head; labels where there are any. */
export function fitMahalanobisFused(
  source: TrainingSource,
  options: FitOptions<MahalanobisOptions & FusionOptions> = {},
): Promise<Detector> {
  return fitMethod(mahalanobisFused, source, options);
}

async function fitFused<Options extends object>(
  { components, density, name }: { components: readonly AnyMethod[]; density: Method<Options>; name: string },
  training: Training,
  options: Options & FusionOptions,
  { source, head, runtime, threads, signal, onProgress }: FitContext,
): Promise<Found> {
  const { referenceShare, calibrationShare, seed, alpha, evidenceWeight } = options;
  const roles = await assignRoles(training, source, {
    reference: referenceShare,
    calibration: calibrationShare,
    seed,
  });
  requireReference(name, roles.reference);
  requireClasses(name, roles.reference);
  const settings = { head, runtime, threads, signal, onProgress };
  const ownOptions = Object.fromEntries(
    Object.keys(density.defaults).map(key => [key, options[key as keyof typeof options]]),
  );
  const arrays: Record<string, NumericArray> = {};
  const environment: Environment = { runtime, threads };
  for (const [i, method] of components.entries()) {
    const given = i === 0 ? { ...ownOptions, ...settings } : settings;
    const state = await fitState(method as Method, roles.fit, given as FitOptions<never>);
    const bytes = encodeFitted(method.name, state);
    arrays[`part${i}`] = { shape: [bytes.length], data: bytes };
    const part = createDetector(method as Method, state, environment);
    const scores = await part.score(roles.reference as Required<Rows>, signal ? { signal } : {});
    await part.close();
    Object.assign(arrays, scaleArrays(`scale${i}`, fitEvidenceScale(scores)));
  }
  const scorer = fusedScorer({
    parts: components.map((method, i) => openPart(method, arrays[`part${i}`], environment)),
    formula: (f, scores) => fuse(f, scores, arrays, evidenceWeight),
    environment,
  });
  const calibration = await scorer.score(roles.calibration as Required<Rows>, signal ? { signal } : {});
  await scorer.close();
  const enough = calibration.length >= Math.ceil(1 / alpha) - 1;
  return {
    numbers: {
      referenceRows: roles.reference.features!.rows,
      calibrationRows: calibration.length,
      ...(enough && { threshold: conformalThreshold(calibration, { alpha }).threshold }),
    },
    arrays,
  };
}

function openPart(method: AnyMethod, { data }: NumericArray, environment: Environment): Detector {
  const { fitted } = decodeFitted(data as Uint8Array, method.name);
  return createDetector(method as Method, fitted as Fitted, environment);
}

function fuse(
  f: Formula,
  [density, ...others]: readonly Value[],
  arrays: Readonly<Record<string, NumericArray>>,
  weight: number,
): Value {
  const alarm = evidence(f, density, { arrays, prefix: 'scale0' });
  const doubts = others.map((score, i) => evidence(f, score, { arrays, prefix: `scale${i + 1}` }));
  const mean = f.divide(
    doubts.reduce((sum, doubt) => f.add(sum, doubt)),
    doubts.length,
  );
  const weighted = f.add(mean, Math.log(weight));
  // log(e^a + e^b) by the larger of the two, which may be far beyond what exp can take.
  const larger = f.atLeast(alarm, weighted);
  const smaller = f.atMost(alarm, weighted);
  const rest = f.log(f.add(f.exp(f.subtract(smaller, larger)), 1));
  return f.subtract(f.add(larger, rest), Math.log(1 + weight));
}

function requireHeldShares(where: string, { referenceShare, calibrationShare, alpha }: FusionOptions): void {
  const held = referenceShare + calibrationShare;
  if (referenceShare > 0 && calibrationShare >= 0 && held < 1 && alpha > 0 && alpha < 1) return;
  throw new DetectorsError('INVALID_OPTION', {
    where,
    expected: 'a referenceShare above 0, both shares together below 1, and alpha between 0 and 1',
    got: `referenceShare ${referenceShare}, calibrationShare ${calibrationShare}, alpha ${alpha}`,
  });
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
