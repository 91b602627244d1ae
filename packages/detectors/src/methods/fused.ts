import { count, openUnit, positive, share } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { type FitOptions, fitMethod } from '../contract/fit.ts';
import type { Method } from '../contract/method.ts';
import type { TrainingSource } from '../contract/rows.ts';
import { DetectorsError } from '../errors.ts';
import { type FusionOptions, fitFused } from '../fusion/fit-fused.ts';
import { fuse } from '../fusion/fuse.ts';
import { joinScores } from '../fusion/fused-graph.ts';
import { fusedScorer } from '../fusion/fused-scorer.ts';
import { type AnyMethod, openPart } from '../fusion/parts.ts';
import { type FdeOptions, fde } from './fde.ts';
import { gen } from './gen.ts';
import { type MahalanobisOptions, mahalanobisPlusPlus } from './mahalanobis.ts';
import { she } from './she.ts';

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
    rules: {
      ...density.rules,
      evidenceWeight: positive,
      referenceShare: openUnit,
      calibrationShare: share,
      alpha: openUnit,
      seed: count,
    },
    check: options => {
      requireHeldShares(name, options);
      density.check?.(options);
    },
    fit: (training, options, context) => fitFused({ components, density, name }, training, options, context),
    open: (fitted, environment) =>
      fusedScorer({
        components,
        arrays: fitted.arrays,
        evidenceWeight: fitted.options.evidenceWeight,
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
      return joinScores(models, exported, (f, values) =>
        fuse(
          f,
          values.map(value => f.unsqueeze(value, -1)),
          fitted.arrays,
          fitted.options.evidenceWeight,
        ),
      );
    },
  };
}

/** The recommended default where a head exists: flow density with GEN and SHE. */
export const fdeFused = fusedMethod<FdeOptions>(
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
  options: FitOptions<FdeOptions & FusionOptions> = {},
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

function requireHeldShares(where: string, { referenceShare, calibrationShare }: FusionOptions): void {
  if (referenceShare + calibrationShare < 1) return;
  throw new DetectorsError('INVALID_OPTION', {
    where,
    expected: 'referenceShare and calibrationShare together below 1',
    got: `${referenceShare} and ${calibrationShare}`,
    advice: 'leave rows to fit on',
  });
}
