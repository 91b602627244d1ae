import { printable } from '@ood/core';

/** A column of a text table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Text table with aligned columns, a rule under the header, two spaces between columns. Every row has one cell
 * per column; a row `'rule'` draws a line. Cells are made printable.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[] | 'rule')[],
): string {
  const titles = columns.map(({ title }) => printable(title));
  const shown = rows.map(row => (row === 'rule' ? row : row.map(cell => printable(cell))));
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...shown.map(row => (row === 'rule' ? 0 : row[index]!.length))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i]!.align === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(titles), rule, ...shown.map(row => (row === 'rule' ? rule : line(row)))].join('\n');
}

export type Fact = readonly [name: string, value: string];

/** Facts as text, a line each, the values in one column and made printable. */
export function formatFacts(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join('\n');
}

/** A number and its noun: `1 class`, `10 classes`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
