import { printable } from '@ood/core';
import type { Box } from '@ood/features';
import type { RawExplanation, Refusal, SurprisingDimension, Verdict } from '@ood/guard';
import { describePrediction } from '../guard/describe-prediction.ts';

/** What was found about one image. */
export type Checked = { readonly image: string; readonly box?: Box } & (
  | { readonly verdict: Verdict; readonly explanation?: RawExplanation }
  | { readonly refusal: Refusal }
);

/** A verdict as text, a line; its explanation below. @param width of the column of images */
export function formatChecked(entry: Checked, width: number): string {
  return `${line(entry, width)}\n`;
}

function line(entry: Checked, width: number): string {
  const image = printable(entry.image).padEnd(width);
  if (!('verdict' in entry))
    return `${image}  refused  ${printable(`${entry.refusal.code}: ${entry.refusal.reason}`)}`;
  const { isOod, pValue, score, prediction } = entry.verdict;
  const predicted = prediction ? `  predicted ${describePrediction(prediction)}` : '';
  const text = `${image}  ${isOod ? 'OOD' : 'ID '}  p = ${pValue.toPrecision(3)}  score ${score.toPrecision(5)}${predicted}`;
  return entry.explanation ? [text, ...explained(entry.explanation)].join('\n') : text;
}

function explained({ detector, nearestClass, features, density }: RawExplanation): string[] {
  const nearest = nearestClass && printable(nearestClass.name ?? String(nearestClass.index));
  return [
    `  detector       ${printable(detector)}`,
    ...(nearestClass ? [`  nearest class  ${nearest} (cosine ${nearestClass.cosine.toFixed(3)})`] : []),
    ...(features.length > 0 ? [`  features       ${dimensions(features)}`] : []),
    ...(density
      ? [
          `  log p          ${density.logProb.toFixed(1)} nats = base ${density.base.toFixed(1)} + layers ${density.layers.map(({ logDet }) => logDet.toFixed(1)).join(' ')}`,
          `  latents        ${dimensions(density.latents)}`,
        ]
      : []),
  ];
}

function dimensions(list: readonly SurprisingDimension[]): string {
  return list
    .map(
      ({ dimension, deviations }) => `#${dimension} ${deviations > 0 ? '+' : ''}${deviations.toFixed(1)} σ`,
    )
    .join(', ');
}
