import { type Calibration, conformalPValues } from '@ood/metrics';
import type { Prediction, Verdict } from './contract/guard.ts';
import type { Manifest } from './folder/manifest.ts';
import { argmax } from './vectors.ts';

/** The verdict on a float32 score and the logits beside it. */
export function judge(
  { score, logits }: { readonly score: number; readonly logits?: Float32Array },
  { calibration: { threshold }, classNames }: Pick<Manifest, 'calibration' | 'classNames'>,
  calibration: Calibration,
): Verdict {
  return {
    isOod: !(score <= threshold),
    score,
    pValue: conformalPValues(calibration, [score])[0]!,
    ...(logits && { prediction: predict(logits, classNames), logits }),
  };
}

function predict(logits: Float32Array, names: readonly string[] | null): Prediction {
  const index = argmax(logits);
  const top = logits[index]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const name = names?.[index];
  return { index, ...(name !== undefined && { name }), probability: 1 / sum };
}
