import { formatTable } from '@ood/terminal';
import type { FiguresTable } from './figures-table.ts';

/** A table for people at a terminal: columns that do not fit go, those first that one can best do without, and it says which. */
export function terminalTable(table: FiguresTable, width = 80): string {
  const kept = table.columns.map((_, i) => i);
  const draw = () =>
    formatTable(
      [{ title: '', align: 'left' }, ...kept.map(i => ({ title: table.columns[i]!.title }))],
      table.rows.map(({ name, cells }) => [
        name,
        ...kept.map(i => `${cells[i]!.text}${cells[i]!.strong ? '*' : ' '}`),
      ]),
    );
  let text = draw();
  const left: string[] = [];
  while (widest(text) > width && kept.length > 1) {
    const worst = kept.reduce((a, b) =>
      table.columns[b]!.dispensable >= table.columns[a]!.dispensable ? b : a,
    );
    kept.splice(kept.indexOf(worst), 1);
    left.unshift(table.columns[worst]!.title);
    text = draw();
  }
  const more = left.length === 0 ? '' : `\nNot shown, for the width: ${left.join(', ')}.`;
  return `${table.caption}; * best, or not to be told from it.\n\n${text}${more}\n`;
}

const widest = (text: string) => Math.max(...text.split('\n').map(line => line.length));

/** As Markdown; what is best, or not to be told from it, is bold. */
export function markdownTable({ caption, columns, rows }: FiguresTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `${escapeMarkdown(caption)}. Bold: best, or not to be told from it.`,
    '',
    line(['', ...columns.map(({ title }) => escapeMarkdown(title))]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ name, cells }) =>
      line([escapeMarkdown(name), ...cells.map(({ text, strong }) => (strong ? `**${text}**` : text))]),
    ),
    '',
  ].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\|*_`<>[\]]/g, '\\$&').replace(/[\r\n]+/g, ' ');
}

/** As CSV, with one column of means and one of ± for each figure. */
export function csvTable({ columns, rows }: FiguresTable): string {
  const header = ['detector', ...columns.flatMap(({ title }) => [title, `${title} ±`])];
  const lines = rows.map(({ name, cells }) => [
    name,
    ...cells.flatMap(({ text }) => {
      const [value = '', plusMinus = ''] = text.split(' ± ');
      return [value, plusMinus];
    }),
  ]);
  return [header, ...lines].map(cells => `${cells.map(csvCell).join(',')}\n`).join('');
}

/** A cell that a spreadsheet takes for text, never for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As LaTeX, for the package booktabs; what is best, or not to be told from it, is bold. */
export function latexTable({ caption, columns, rows }: FiguresTable): string {
  const line = (cells: readonly string[]) => `  ${cells.join(' & ')} \\\\`;
  const cell = ({ text, strong }: FiguresTable['rows'][number]['cells'][number]) => {
    const math = text === '' ? '' : `$${text.replace(' ± ', ' \\pm ')}$`;
    return strong && math !== '' ? `\\boldmath${math}` : math;
  };
  return [
    '\\begin{table}',
    `\\caption{${escapeLatex(caption)}. Bold: best, or not to be told from it.}`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\toprule',
    line(['', ...columns.map(({ title }) => escapeLatex(title))]),
    '\\midrule',
    ...rows.map(({ name, cells }) => line([escapeLatex(name), ...cells.map(cell)])),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  µ: '\\textmu{}',
};

function escapeLatex(text: string): string {
  return text.replace(/[\\~^±µ&%$#_{}]/g, character => LATEX[character] ?? `\\${character}`);
}
