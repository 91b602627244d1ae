import { writeWholeFile } from '@ood/core/node';

/** Characters that are written at once. */
const CHUNK = 1 << 16;

/** Starts of a cell that spreadsheets take for a formula (OWASP, "CSV Injection"), behind apostrophes or not. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * One line of CSV (RFC 4180, but `\n`): cells with commas, quotes or line breaks are quoted. Text that a spreadsheet would take
 * for a formula gets an apostrophe before it; to have the text again, take one apostrophe from cells that begin with
 * apostrophes before such a character. Numbers stay numbers.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  const quoted = cells.map(cell => {
    if (typeof cell === 'number') return String(cell);
    const formula = FORMULA.test(cell);
    const text = formula ? `'${cell}` : cell;
    return formula || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\n`;
}

/** Writes rows of cells into a CSV file, which gets its name when it is complete: nothing is left of one that fails. */
export async function writeCsv(
  path: string,
  rows: AsyncIterable<readonly (string | number)[]>,
): Promise<void> {
  await writeWholeFile(path, inChunks(rows), { expected: 'to write the scores' });
}

async function* inChunks(rows: AsyncIterable<readonly (string | number)[]>): AsyncGenerator<string> {
  let waiting = '';
  for await (const cells of rows) {
    waiting += csvLine(cells);
    if (waiting.length < CHUNK) continue;
    yield waiting;
    waiting = '';
  }
  yield waiting;
}
