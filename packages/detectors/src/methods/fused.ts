import { count, openUnit, positive, share } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import type { AnyMethod, Method } from '../contract/method.ts';
import type { Sides } from '../contract/sides.ts';
import { DetectorsError } from '../errors.ts';
import { evidenceMethods } from '../fusion/evidence-parts.ts';
import { scaleSides } from '../fusion/evidence-scale.ts';
import { type FusionOptions, fitFused } from '../fusion/fit-fused.ts';
import { fuse } from '../fusion/fuse.ts';
import { joinScores } from '../fusion/fused-graph.ts';
import { fusedScorer } from '../fusion/fused-scorer.ts';
import { openParts, partCount } from '../fusion/parts.ts';
import { type FdeOptions, fde } from './fde.ts';
import { type MahalanobisOptions, mahalanobisPlusPlus } from './mahalanobis.ts';

/** Logits stand in for labels. */
type FusedNeed = 'features' | 'logits' | 'labels';

/**
 * Density and logit evidence made one score: score = log(e^a + w e^b) − log(1 + w) in nats, where a = −log p of the density and
 * b = −log p of the mean of −log p over the evidence, each p one-sided and from ID rows held out of the fit (the weighted harmonic mean p
 * of Wilson, 2019). Both terms only ever add: the score is never below a − log(1 + w), so a confident logit cannot silence the density.
 *
 * Evidence, of different families: ReAct, SCALE, NNGuide and SHE where classes describe the neighborhoods of the ID rows; ReAct, SCALE and
 * fDBD where they do not; GEN (and SHE) without a head. w follows from the ID rows: from 0.02 where the head does not see that coordinates of two
 * rows were mixed, to 3 where it does, but no more than 0.5 where classes describe the neighborhoods.
 *
 * A conformal threshold on further ID rows makes decisions valid whatever the dependence of the terms: `fitted.threshold`.
 */
function fusedMethod<Options extends object>(
  names: Pick<Method, 'name' | 'title' | 'paper'>,
  density: Method<Options>,
): Method<Options & FusionOptions, FusedNeed> {
  const known: readonly AnyMethod[] = [density, ...evidenceMethods];
  const { name } = names;
  return {
    ...names,
    needs: ['features', 'logits', 'labels'],
    reads: ['features', 'logits'],
    wholeRows: true,
    defaults: {
      ...density.defaults,
      evidenceWeight: undefined,
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
    stores: ({ arrays }) => ({ numbers: ['evidenceWeight'], arrays: fusedSides(partCount(arrays)) }),
    fit: (training, options, context) => fitFused({ known, density, name }, training, options, context),
    open: (fitted, environment) =>
      fusedScorer({
        known,
        arrays: fitted.arrays,
        evidenceWeight: fitted.numbers.evidenceWeight!,
        environment,
      }),
    toOnnx: async (fitted, exported, environment) => {
      const { features, logits } = exported;
      const models: Uint8Array[] = [];
      for (const part of openParts(fitted.arrays, known, environment)) {
        models.push(await part.toOnnx({ features, logits }));
        await part.close();
      }
      return joinScores(models, exported, (f, values) =>
        fuse(
          f,
          values.map(value => f.unsqueeze(value, -1)),
          fitted.arrays,
          fitted.numbers.evidenceWeight!,
        ),
      );
    },
  };
}

/** The density, the evidence and their p-value scales. */
function fusedSides(parts: number): Record<string, Sides> {
  const sides: Record<string, Sides> = parts > 1 ? scaleSides('evidence') : {};
  for (let i = 0; i < Math.max(1, parts); i++)
    Object.assign(sides, { [`part${i}`]: ['bytes'] }, scaleSides(`scale${i}`));
  return sides;
}

/** The recommended default where a head exists: `fde` with the logit evidence that the head allows. */
export const fdeFused = fusedMethod<FdeOptions>(
  {
    name: 'fde-fused',
    title: 'FDE fused',
    paper:
      'Cook, Lavoie and Waslander, 2024 (density); Sun et al., 2021 (ReAct); Xu et al., 2024 (SCALE); Park et al., 2023 (NNGuide); Zhang et al., 2023 (SHE); Liu and Qin, 2024 (fDBD); Wilson, 2019: The harmonic mean p-value',
  },
  fde,
);

/** The same with Mahalanobis++ as density: nothing to train. */
export const mahalanobisFused = fusedMethod<MahalanobisOptions>(
  {
    name: 'mahalanobis++-fused',
    title: 'Mahalanobis++ fused',
    paper:
      'Müller and Hein, 2025 (density); Sun et al., 2021 (ReAct); Xu et al., 2024 (SCALE); Park et al., 2023 (NNGuide); Zhang et al., 2023 (SHE); Liu and Qin, 2024 (fDBD); Wilson, 2019: The harmonic mean p-value',
  },
  mahalanobisPlusPlus,
);

/** Fits `fde-fused`. Needs features, and logits or head; labels where there are any. */
export function fitFdeFused(
  ...rowsAndOptions: FitArguments<FdeOptions & FusionOptions, FusedNeed>
): Promise<Detector> {
  return fitMethod(fdeFused, ...rowsAndOptions);
}

/** Fits `mahalanobis++-fused`. Needs features, and logits or head; labels where there are any. */
export function fitMahalanobisFused(
  ...rowsAndOptions: FitArguments<MahalanobisOptions & FusionOptions, FusedNeed>
): Promise<Detector> {
  return fitMethod(mahalanobisFused, ...rowsAndOptions);
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
