import { type Calibration, conformalPValues } from '@ood/metrics';
import type { Manifest } from '../folder/manifest.ts';
import { argmax } from '../vectors.ts';
import type { Prediction, Verdict } from './guard.ts';

/** The verdict on a float32 score and the logits beside it. */
export function judge(
  { score, logits }: { readonly score: number; readonly logits?: Float32Array },
  {
    calibration: { threshold },
    classNames,
  }: Pick<Manifest, 'classNames'> & {
    readonly calibration: Pick<Manifest['calibration'], 'threshold'>;
  },
  calibration: Calibration,
): Verdict {
  const [pValue = Number.NaN] = conformalPValues(calibration, [score]);
  return {
    isOod: !(score <= threshold),
    score,
    pValue,
    ...(logits && { prediction: predict(logits, classNames), logits }),
  };
}

function predict(logits: Float32Array, names: readonly string[] | null): Prediction {
  const { index, probability } = logits.length === 1 ? binary(logits[0]!) : softmax(logits);
  const name = names?.[index];
  return { index, ...(name !== undefined && { name }), probability };
}

/** A single logit speaks of two classes: 1 where it is positive, by a sigmoid. */
function binary(logit: number): { index: number; probability: number } {
  return { index: logit > 0 ? 1 : 0, probability: 1 / (1 + Math.exp(-Math.abs(logit))) };
}

function softmax(logits: Float32Array): { index: number; probability: number } {
  const index = argmax(logits);
  const top = logits[index]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return { index, probability: 1 / sum };
}
