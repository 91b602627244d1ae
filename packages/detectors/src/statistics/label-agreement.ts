import { argmaxRows } from '@ood/core';
import type { Block, Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';

/** Fewer rows than these agree with anything by chance. */
const FEWEST = 20;
/** Where one class holds this share of labels and predictions, chance agrees as often as truth does. */
const MOST_BY_CHANCE = 0.8;

/**
 * Refuses given labels that agree with the logits' predictions no more often than shuffled ones would: then one of the two is of
 * other rows, or counts classes otherwise. A pass over the rows.
 *
 * @throws DetectorsError `LABELS_MISMATCH`
 */
export async function requireAgreement(training: Training): Promise<void> {
  const found = {
    rows: 0,
    right: 0,
    fromOne: 0,
    labels: new Map<number, number>(),
    predicted: new Map<number, number>(),
  };
  for await (const block of training.blocks()) {
    if (training.labels() === 'predicted' || block.logits.cols < 2) return;
    count(block, found);
  }
  const { rows, right, fromOne, labels, predicted } = found;
  let chance = 0;
  for (const [label, times] of labels) chance += ((times / rows) * (predicted.get(label) ?? 0)) / rows;
  const share = right / rows;
  const spread = Math.sqrt((chance * (1 - chance)) / rows);
  if (rows < FEWEST || chance > MOST_BY_CHANCE || share > chance + 2 * spread) return;
  throw new DetectorsError('LABELS_MISMATCH', {
    where: training.where,
    expected: 'labels that are the classes of the logits: the column of the right class, from 0',
    got: `labels that the logits predict in ${right} of ${rows} rows, as often as shuffled ones`,
    advice:
      fromOne > rows / 2 && !labels.has(0)
        ? 'subtract 1 from each label: they start at 1'
        : 'check that labels and logits are of the same rows in the same order, and of the same classes',
    details: { rows, right, chance },
  });
}

interface Agreement {
  rows: number;
  right: number;
  /** Rows whose label less 1 is predicted. */
  fromOne: number;
  readonly labels: Map<number, number>;
  readonly predicted: Map<number, number>;
}

function count({ logits, labels, count: rows }: Block, found: Agreement): void {
  const predicted = argmaxRows(logits);
  for (let row = 0; row < rows; row++) {
    const [label, guess] = [labels[row]!, predicted[row]!];
    if (label === guess) found.right++;
    if (label - 1 === guess) found.fromOne++;
    found.labels.set(label, (found.labels.get(label) ?? 0) + 1);
    found.predicted.set(guess, (found.predicted.get(guess) ?? 0) + 1);
  }
  found.rows += rows;
}
