import type { Rows } from '@ood/core';
import { conformalThreshold } from '@ood/metrics';
import { createDetector } from '../contract/create-detector.ts';
import type { Environment } from '../contract/environment.ts';
import { type FitOptions, fitState } from '../contract/fit.ts';
import type { FitContext, Found, Method, NumericArray } from '../contract/method.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { encodeFitted } from '../persistence/fitted-file.ts';
import { fitEvidenceScale, scaleArrays } from './evidence-scale.ts';
import { fusedScorer } from './fused-scorer.ts';
import type { AnyMethod } from './parts.ts';
import { assignRoles } from './roles.ts';

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

/** Needed to say anything about p-values. */
const FEWEST_REFERENCE = 20;

/** Fits the components, then their p-value scales, then the threshold, each on rows of its own. */
export async function fitFused<Options extends object>(
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
    const scores = await part.score(roles.reference as Required<Rows>, { signal });
    await part.close();
    Object.assign(arrays, scaleArrays(`scale${i}`, fitEvidenceScale(scores)));
  }
  const scorer = fusedScorer({ components, arrays, evidenceWeight, environment });
  const calibration = await scorer.score(roles.calibration as Required<Rows>, { signal });
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
