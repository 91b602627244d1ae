import type { Decision } from '@ood/features';
import { type Calibration, conformalPValues } from '@ood/metrics';
import type { Manifest } from '../folder/manifest.ts';
import { argmax } from '../vectors.ts';
import type { ClassProbability, Prediction, Verdict } from './guard.ts';

type Reading = Pick<Manifest, 'classNames' | 'backbone'>;

/** The verdict on a float32 score and the logits beside it. */
export function judge(
  { score, logits }: { readonly score: number; readonly logits?: Float32Array },
  {
    calibration: { threshold },
    ...reading
  }: Reading & { readonly calibration: Pick<Manifest['calibration'], 'threshold'> },
  calibration: Calibration,
): Verdict {
  const [pValue = Number.NaN] = conformalPValues(calibration, [score]);
  return {
    isOod: !(score <= threshold),
    score,
    pValue,
    ...(logits && { prediction: predict(logits, reading), logits }),
  };
}

/** What a backbone predicts, from what its logits mean. */
function predict(logits: Float32Array, { classNames, backbone }: Reading): Prediction {
  const decision = decisionOf(logits, backbone);
  const named = (index: number, probability: number): ClassProbability => {
    const name = classNames?.[index];
    return { index, ...(name !== undefined && { name }), probability };
  };
  if (decision === 'sigmoid-binary') {
    const logit = logits[0]!;
    return { decision, ...named(logit > 0 ? 1 : 0, sigmoid(Math.abs(logit))) };
  }
  if (decision === 'softmax') {
    const { index, probability } = softmax(logits);
    return { decision, ...named(index, probability) };
  }
  const all = Array.from(logits, (logit, index) => named(index, sigmoid(logit)));
  const labels = all.filter(({ probability }) => probability >= 0.5);
  const index = argmax(logits);
  return { decision, ...all[index]!, labels: labels.sort((a, b) => b.probability - a.probability) };
}

/** As the backbone was found to decide; a head that nobody looked at is a softmax over its logits. */
function decisionOf(logits: Float32Array, { head }: Manifest['backbone']): Decision {
  if (logits.length === 1) return 'sigmoid-binary';
  return 'decision' in head && head.decision === 'multi-label' ? 'multi-label' : 'softmax';
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

function softmax(logits: Float32Array): { index: number; probability: number } {
  const index = argmax(logits);
  const top = logits[index]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return { index, probability: 1 / sum };
}
