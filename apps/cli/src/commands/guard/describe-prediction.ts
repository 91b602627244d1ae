import { printable } from '@ood/core';
import type { ClassProbability, Prediction } from '@ood/guard';

/** Labels that a line names at most. */
const MOST = 4;

/** What a model predicts, in words: `cat (93.0 %)`, `positive (93.0 %)`, `cat (93.0 %), dog (61.2 %)`, `no label (largest: …)`. */
export function describePrediction(prediction: Prediction): string {
  const { decision, name, index, labels = [] } = prediction;
  if (decision === 'sigmoid-binary')
    return withShare({ ...prediction, name: name ?? (index === 1 ? 'positive' : 'negative') });
  if (decision === 'softmax') return withShare(prediction);
  if (labels.length === 0) return `no label (largest: ${withShare(prediction)})`;
  const more = labels.length > MOST ? [`${labels.length - MOST} more`] : [];
  return [...labels.slice(0, MOST).map(withShare), ...more].join(', ');
}

/** The same for one cell of a table: names or, without them, columns of the logits; of several labels with `|` between. */
export function predictionCell({ decision, name, index, labels = [] }: Prediction): string | number {
  if (decision !== 'multi-label') return name ?? index;
  return labels.map(label => label.name ?? String(label.index)).join('|');
}

function withShare({ name, index, probability }: ClassProbability): string {
  return `${printable(name ?? `class ${index}`)} (${(100 * probability).toFixed(1)} %)`;
}
