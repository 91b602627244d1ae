import { openUnit, requireOption } from '@ood/core';
import type { Scores } from '../input/scores.ts';
import { adjustAs } from '../uncertainty/adjust-p-values.ts';

/** Which of a batch are called OOD. */
export interface BatchDecision {
  /** 1 = called OOD, in the order given. */
  readonly rejected: Uint8Array;
  readonly count: number;
  /** Adjusted p-values: the smallest level at which each would be rejected. */
  readonly adjusted: Float64Array;
}

/**
 * Picks the OOD samples of a batch so that the expected share of ID samples among those picked is at most `level`.
 *
 * Benjamini–Hochberg: with p₍₁₎ ≤ … ≤ p₍ₖ₎ rejects the i* smallest, i* = max {i : p₍ᵢ₎ ≤ level · i / k}. Valid for conformal p-values of one shared
 * calibration set: they are positively dependent (PRDS), Bates et al. (2023), Theorem 2; the bound is then level × share of ID in the batch, averaged over calibration sets.
 * The smallest conformal p-value is 1 / (n + 1), so a batch of k with r true OOD samples needs n + 1 ≥ k / (r · level).
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_VALUE` (outside (0, 1]), `INVALID_OPTION`
 * @see Benjamini & Hochberg (1995), JRSS B 57; Bates, Candès, Lei, Romano & Sesia (2023), Annals of Statistics 51
 */
export function benjaminiHochberg(
  pValues: Scores,
  { level = 0.05 }: { readonly level?: number } = {},
): BatchDecision {
  requireOption('benjaminiHochberg', 'level', level, openUnit);
  const adjusted = adjustAs('benjaminiHochberg', pValues, 'benjamini-hochberg');
  // Conformal p-values meet the bound exactly (1/60 · 3 = 0.05): rounding must not decide there.
  const rejected = Uint8Array.from(adjusted, p => (p <= level * (1 + 1e-14) ? 1 : 0));
  return { rejected, count: rejected.reduce((sum, r) => sum + r, 0), adjusted };
}
