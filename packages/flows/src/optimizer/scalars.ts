import type { AdamOptions, AdamStep } from './adam-options.ts';
import type { AdamScalars } from './kernel.ts';

/** The scalars of one Adam step, rounded to float32, from its options and the gradient norm (`null`: no clipping). */
export function adamScalars(
  { step, learningRate }: AdamStep,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clipNorm = null }: AdamOptions,
  { norm, decayed }: { readonly norm: number | null; readonly decayed: boolean },
): AdamScalars {
  const clipped = norm !== null && clipNorm !== null && norm > clipNorm;
  return {
    scale: clipped ? Math.fround(clipNorm / norm) : 1,
    beta1: Math.fround(beta1),
    rest1: Math.fround(1 - beta1),
    beta2: Math.fround(beta2),
    rest2: Math.fround(1 - beta2),
    rate: Math.fround(learningRate / (1 - beta1 ** step)),
    root: Math.fround(1 / Math.sqrt(1 - beta2 ** step)),
    epsilon: Math.fround(epsilon),
    keep: decayed ? Math.fround(1 - learningRate * weightDecay) : 1,
  };
}

/** How far a running average moves towards its parameter at a step: 1 − min(decay, t / (t + 9)). */
export function averagingWeight(decay: number, step: number): number {
  return Math.fround(1 - Math.min(decay, step / (step + 9)));
}
