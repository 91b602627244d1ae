import type { AdamOptions, AdamStep } from './adam-options.ts';
import type { ParameterSlot } from './arena.ts';
import { adamScalars } from './scalars.ts';

/**
 * Takes one step of Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019) in place:
 *
 *     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *     p ← (1 − η λ) p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 *
 * where g is scaled by min(1, clipNorm / ‖g‖) over all parameters together.
 *
 * @returns the global gradient norm before clipping, or `null` where it was not needed.
 */
export function adamStep(
  slots: readonly ParameterSlot[],
  position: AdamStep,
  options: AdamOptions = {},
): number | null {
  const norm = options.clipNorm == null ? null : globalNorm(slots);
  const matrices = adamScalars(position, options, { norm, decayed: true });
  const others = adamScalars(position, options, { norm, decayed: false });
  for (const slot of slots) slot.kernel.adam(slot.range, slot.shape.length > 1 ? matrices : others);
  return norm;
}

/** Euclidean norm of all gradients together, summed in float64. */
export function globalNorm(slots: readonly ParameterSlot[]): number {
  let sum = 0;
  for (const slot of slots) sum += slot.kernel.sumOfSquares(slot.range);
  return Math.sqrt(sum);
}
