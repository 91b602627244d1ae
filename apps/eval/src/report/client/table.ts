import { FIGURES, type FigureCell, type FigureKey, meanCell, meanFigure, setCell } from '../data/figures.ts';
import type { DetectorData, ReportData } from '../data/report-data.ts';
import { element } from './elements.ts';
import { seriesSwatch } from './series.ts';

type Group = 'near' | 'far';

/** The table: its figure, the order of its rows, the columns that are seen. */
export function mountTable(data: ReportData): void {
  const table = document.querySelector<HTMLTableElement>('table.detection')!;
  const heads = [...table.tHead!.rows[0]!.cells];
  const figure = document.getElementById('figure') as HTMLSelectElement;
  let key: FigureKey = 'auroc';
  for (const row of bodyRows(table)) row.cells[0]!.prepend(seriesSwatch(detectorOf(row)));
  figure.addEventListener('change', () => {
    key = figure.value as FigureKey;
    fill(table, data, key);
    const sorted = heads.find(head => head.ariaSort !== null && head.ariaSort !== 'none');
    if (sorted) sortRows(table, data, key, sorted);
  });
  for (const head of heads) {
    head.ariaSort = 'none';
    head.querySelector('button')!.addEventListener('click', () => {
      const { column } = head.dataset;
      const first = figureColumn(column!) && isBetterHigh(key) ? 'descending' : 'ascending';
      const next =
        head.ariaSort === 'none' ? first : head.ariaSort === 'ascending' ? 'descending' : 'ascending';
      for (const other of heads) other.ariaSort = 'none';
      head.ariaSort = next;
      sortRows(table, data, key, head);
    });
  }
  mountColumns(table, heads);
}

function mountColumns(table: HTMLTableElement, heads: readonly HTMLTableCellElement[]): void {
  const details = document.getElementById('columns') as HTMLDetailsElement;
  const choices = heads.slice(1).map(head => {
    const box = element('input', { type: 'checkbox', checked: true });
    box.addEventListener('change', () => {
      for (const cell of table.querySelectorAll<HTMLElement>(`[data-column="${head.dataset.column}"]`))
        cell.hidden = !box.checked;
    });
    const [name, group] = [
      head.querySelector('span')!.textContent!,
      head.querySelector('small')?.textContent,
    ];
    return element('label', {}, box, group ? `${name} (${group})` : name);
  });
  details.querySelector('.menu')!.append(...choices);
  details.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    details.open = false;
    details.querySelector('summary')!.focus();
  });
  document.addEventListener('click', event => {
    if (!details.contains(event.target as Node)) details.open = false;
  });
}

function fill(table: HTMLTableElement, data: ReportData, key: FigureKey): void {
  const { best } = FIGURES.find(figure => figure.key === key)!;
  for (const head of table.tHead!.rows[0]!.cells) {
    const column = head.dataset.column!;
    if (!figureColumn(column)) continue;
    const most = best(...data.detectors.map(detector => sortValue(detector, column, key) as number));
    for (const row of bodyRows(table)) {
      const detector = data.detectors[detectorOf(row)]!;
      const { html, classes, title } = cellOf(detector, column, key, most);
      const cell = row.querySelector<HTMLElement>(`[data-column="${column}"]`)!;
      cell.innerHTML = html;
      cell.className = classes;
      cell.title = title;
    }
  }
}

function cellOf({ sets }: DetectorData, column: string, key: FigureKey, best: number): FigureCell {
  const [kind, which] = column.split('-') as [string, string];
  return kind === 'set'
    ? setCell(sets[Number(which)]!, key, best)
    : meanCell(sets, which as Group, key, best);
}

function sortRows(
  table: HTMLTableElement,
  data: ReportData,
  key: FigureKey,
  head: HTMLTableCellElement,
): void {
  const sign = head.ariaSort === 'descending' ? -1 : 1;
  const value = (row: HTMLTableRowElement) =>
    sortValue(data.detectors[detectorOf(row)]!, head.dataset.column!, key);
  const rows = bodyRows(table).sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return sign * order || detectorOf(a) - detectorOf(b);
  });
  table.tBodies[0]!.append(...rows);
}

function sortValue({ name, sets, costs }: DetectorData, column: string, key: FigureKey): number | string {
  const [kind, which] = column.split('-') as [string, string];
  if (kind === 'name') return name;
  if (kind === 'set') return sets[Number(which)]!.figures[key][0];
  if (kind === 'mean') return meanFigure(sets, which as Group, key);
  return costs[['fit', 'score', 'size'].indexOf(kind)] ?? Number.POSITIVE_INFINITY;
}

const figureColumn = (column: string): boolean => /^(?:set|mean)-/.test(column);
const isBetterHigh = (key: FigureKey): boolean =>
  FIGURES.find(figure => figure.key === key)!.best === Math.max;
const bodyRows = (table: HTMLTableElement): HTMLTableRowElement[] => [...table.tBodies[0]!.rows];
const detectorOf = (row: HTMLTableRowElement): number => Number(row.dataset.detector);
