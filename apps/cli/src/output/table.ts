/** A column of a text table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Text table with aligned columns, a rule under the header, two spaces between columns. Every row has one cell
 * per column; a row `'rule'` draws a line.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[] | 'rule')[],
): string {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map(row => (row === 'rule' ? 0 : row[index].length))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        columns[index].align === 'left' ? cell.padEnd(widths[index]) : cell.padStart(widths[index]),
      )
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const body = rows.map(row => (row === 'rule' ? rule : line(row)));
  return [line(columns.map(column => column.title)), rule, ...body].join('\n');
}
