import { printable } from '@ood/core';
import type { Group } from '../benchmark.ts';
import type { Results } from '../results.ts';
import { type FigureCell, meanCell, meanFigure, setCell } from './data/figures.ts';
import type { ReportData } from './data/report-data.ts';
import { escapeHtml } from './html.ts';

const GROUPS: readonly Group[] = ['near', 'far'];

interface Column {
  /** As the script of the page calls it. */
  readonly key: string;
  readonly name: string;
  readonly group?: string;
  readonly title?: string;
}

/**
 * HTML table: detectors down, OOD sets across (near first), means, costs. It shows AUROC; the script of the page puts in other figures,
 * sorts and hides columns.
 */
export function detectionTable({ detectors }: Results, data: ReportData): string {
  const columns = columnsOf(data);
  const heads = columns.map(
    ({ key, name, group, title }) =>
      `<th scope="col" data-column="${key}"${title ? ` title="${title}"` : ''}><button type="button"><span>${escapeHtml(name)}</span>${group ? `<small>${group}</small>` : ''}</button></th>`,
  );
  const best = bestValues(data);
  const rows = data.detectors.map((detector, index) => {
    const cells = GROUPS.filter(group => data.sets.some(set => set.group === group)).flatMap(group => [
      ...data.sets.flatMap((set, i) =>
        set.group === group
          ? [cell(`set-${i}`, setCell(detector.sets[i]!, 'auroc', best.get(`set-${i}`)!))]
          : [],
      ),
      cell(`mean-${group}`, meanCell(detector.sets, group, 'auroc', best.get(`mean-${group}`)!)),
    ]);
    const [fit, score, size] = detector.costs;
    const costs = [
      `<td class="cost" data-column="fit">${seconds(fit)}</td><td class="cost" data-column="score">${micros(score)}</td>`,
      hasSizes(data) ? `<td class="cost" data-column="size">${megabytes(size)}</td>` : '',
    ];
    const { detector: name, description } = detectors[index]!;
    return `<tr data-detector="${index}"><th scope="row" title="${escapeHtml(description)}"><span>${escapeHtml(printable(name))}</span></th>${cells.join('')}${costs.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="table of figures"><table class="detection"><caption class="unseen">Figures of every detector on every OOD set</caption><thead><tr><th scope="col" data-column="name"><button type="button"><span>detector</span></button></th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function columnsOf(data: ReportData): readonly Column[] {
  const figures = GROUPS.flatMap((group): Column[] => {
    const sets = data.sets.flatMap((set, i) =>
      set.group === group ? [{ key: `set-${i}`, name: set.name, group }] : [],
    );
    return sets.length === 0 ? [] : [...sets, { key: `mean-${group}`, name: 'mean', group }];
  });
  return [
    ...figures,
    { key: 'fit', name: 'fit', title: 'seconds to fit on the ID training rows' },
    { key: 'score', name: 'per sample', title: 'microseconds to score one row' },
    ...(hasSizes(data) ? [{ key: 'size', name: 'size', title: 'megabytes of the fitted detector' }] : []),
  ];
}

function hasSizes({ detectors }: ReportData): boolean {
  return detectors.some(({ costs }) => costs[2] !== null);
}

function bestValues({ sets, detectors }: ReportData): ReadonlyMap<string, number> {
  const best = (figureOf: (detector: (typeof detectors)[number]) => number) =>
    Math.max(...detectors.map(figureOf));
  return new Map([
    ...sets.map((_, i) => [`set-${i}`, best(({ sets }) => sets[i]!.figures.auroc[0])] as const),
    ...GROUPS.map(group => [`mean-${group}`, best(({ sets }) => meanFigure(sets, group, 'auroc'))] as const),
  ]);
}

function cell(key: string, { html, classes, title }: FigureCell): string {
  return `<td data-column="${key}" class="${classes}"${title ? ` title="${title.replace('<', '&lt;')}"` : ''}>${html}</td>`;
}

function seconds(value: number | null): string {
  if (value === null) return '–';
  return value < 0.01 ? '&lt; 0.01 s' : `${value < 100 ? value.toFixed(2) : value.toFixed(0)} s`;
}

function micros(value: number | null): string {
  if (value === null) return '–';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} µs`;
}

function megabytes(value: number | null): string {
  if (value === null) return '–';
  return value < 0.1 ? `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} kB` : `${value.toFixed(1)} MB`;
}
