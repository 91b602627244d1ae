import { meanInterval } from '@ood/metrics';
import type { Group } from '../../src/index.ts';
import type { Fit } from './fits.ts';

/** An OOD set of a benchmark. */
export interface StudiedSet {
  readonly benchmark: string;
  readonly set: string;
  readonly group: Group;
}

/** Markdown table: variants down, sets across, AUROC in percent, the mean over seeds ± half of its 95 % interval. */
export function aurocTable(
  variants: readonly string[],
  sets: readonly StudiedSet[],
  fits: readonly Fit[],
): string {
  const present = variants.filter(variant => fits.some(fit => fit.variant === variant));
  const groups: readonly Group[] = ['near', 'far'];
  const head = [
    '',
    ...sets.map(({ set, group }) => `${set} (${group})`),
    ...groups.map(group => `**mean ${group}**`),
    'seeds',
    'fit, s',
  ];
  const rows = present.map(variant => [
    variant,
    ...sets.map(set => seedMean(aurocs(variant, set, fits))),
    ...groups.map(group =>
      (
        100 *
        groupMean(
          variant,
          sets.filter(set => set.group === group),
          fits,
        )
      ).toFixed(2),
    ),
    String(new Set(fits.filter(fit => fit.variant === variant).map(({ seed }) => seed)).size),
    median(fits.filter(fit => fit.variant === variant).map(({ seconds }) => seconds)).toFixed(1),
  ]);
  return markdown(head, rows);
}

/** Mean over the sets of the mean over seeds. */
export function groupMean(variant: string, sets: readonly StudiedSet[], fits: readonly Fit[]): number {
  const means = sets.map(set => mean(aurocs(variant, set, fits)));
  return mean(means);
}

/** A Markdown table; its first column is left-aligned. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function aurocs(variant: string, { benchmark, set }: StudiedSet, fits: readonly Fit[]): number[] {
  return fits
    .filter(fit => fit.variant === variant && fit.benchmark === benchmark)
    .map(fit => fit.auroc[set]!);
}

function seedMean(values: readonly number[]): string {
  if (values.length === 0) return '';
  const { value, interval } = meanInterval(values.map(auroc => 100 * auroc));
  const half = interval === null ? '' : ` ± ${((interval.high - interval.low) / 2).toFixed(2)}`;
  return `${value.toFixed(2)}${half}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
