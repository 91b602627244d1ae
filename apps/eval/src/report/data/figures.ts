import type { Group } from '../../benchmark.ts';
import type { SetResult } from '../../results.ts';
import { percent } from '../percent.ts';

/** Figures that the table can show, all fractions of one. */
export const FIGURES = [
  { key: 'auroc', name: 'AUROC', best: Math.max },
  { key: 'fpr95IdAccepted', name: 'FPR95 (OOD accepted)', best: Math.min },
  { key: 'fpr95OodCaught', name: 'FPR95 (ID rejected)', best: Math.min },
  { key: 'averagePrecisionOod', name: 'average precision, OOD', best: Math.max },
  { key: 'averagePrecisionId', name: 'average precision, ID', best: Math.max },
] as const satisfies readonly {
  readonly key: keyof SetResult;
  readonly name: string;
  readonly best: (...values: number[]) => number;
}[];

export type FigureKey = (typeof FIGURES)[number]['key'];

/** Value, and the ends of its 95 % interval. */
export type Figure = readonly [value: number, low: number, high: number];

/** What a cell of the table says of a detector on a set. */
export interface SetFigures {
  readonly group: Group;
  readonly figures: Readonly<Record<FigureKey, Figure>>;
  /** Holm-adjusted p-value against the best; `null` where there is no test. */
  readonly p: number | null;
  readonly amongBest: boolean;
}

/** Mean of a figure over the sets of a group. */
export function meanFigure(sets: readonly SetFigures[], group: Group, key: FigureKey): number {
  const members = sets.filter(set => set.group === group);
  return members.reduce((sum, { figures }) => sum + figures[key][0], 0) / members.length;
}

/** The inside of a cell as HTML (numbers only), and its classes. */
export interface FigureCell {
  readonly html: string;
  readonly classes: string;
  /** What the mark means, for a tooltip. */
  readonly title: string;
}

/** @param best the best value of the column */
export function setCell({ figures, p, amongBest }: SetFigures, key: FigureKey, best: number): FigureCell {
  const [value, low, high] = figures[key];
  const isAuroc = key === 'auroc';
  const mark = isAuroc && amongBest && value !== best ? '<sup>≈</sup>' : '';
  const below = isAuroc ? `<small>FPR ${percent(figures.fpr95IdAccepted[0])}</small>` : '';
  return {
    html: `<b>${percent(value)}${mark}</b><small>${percent(low)}–${percent(high)}</small>${below}`,
    classes: classes([value === best, 'best'], [mark !== '', 'close'], [isAuroc && value < 0.5, 'inverted']),
    title: isAuroc ? meaning(value === best, p) : '',
  };
}

export function meanCell(
  sets: readonly SetFigures[],
  group: Group,
  key: FigureKey,
  best: number,
): FigureCell {
  const value = meanFigure(sets, group, key);
  const below =
    key === 'auroc' ? `<small>FPR ${percent(meanFigure(sets, group, 'fpr95IdAccepted'))}</small>` : '';
  return {
    html: `<b>${percent(value)}</b>${below}`,
    classes: classes([true, 'mean'], [value === best, 'best']),
    title: '',
  };
}

function meaning(isBest: boolean, p: number | null): string {
  if (isBest) return 'the best of its column';
  if (p === null) return '';
  const value = p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`;
  return `against the best: p ${value} (DeLong, paired; Holm)`;
}

function classes(...pairs: readonly (readonly [boolean, string])[]): string {
  return pairs.flatMap(([holds, name]) => (holds ? [name] : [])).join(' ');
}
