import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine } from './csv-file.ts';

it.each<[string, (string | number)[], string]>([
  ['numbers as they are, negative ones too', [-1.5, 1e-7, 0], '-1.5,1e-7,0\n'],
  ['plain text plainly', ['a/b.png', '', 'x y'], 'a/b.png,,x y\n'],
  ['commas, quotes and line breaks quoted', ['a,b', 'say "x"', 'a\nb'], '"a,b","say ""x""","a\nb"\n'],
  ['a formula as text', ['=HYPERLINK("http://x")'], `"'=HYPERLINK(""http://x"")"\n`],
  [
    'what else spreadsheets obey',
    ['+1', '-1.png', '@x', '\tx', '\rx'],
    `"'+1","'-1.png","'@x","'\tx","'\rx"\n`,
  ],
  ['apostrophes so that they can be told apart', ["'=x", "'x"], `"''=x",'x\n`],
])('writes %s', (_what, cells, line) => {
  expect(csvLine(cells)).toBe(line);
});

it('never begins a cell of text with a formula, and loses nothing', () => {
  const cell = fc.string().map(text => `${text}`);
  fc.assert(
    fc.property(
      fc.oneof(
        cell,
        cell.map(text => `=${text}`),
        cell.map(text => `'${text}`),
      ),
      text => {
        const line = csvLine([text]).slice(0, -1);
        const read = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
        expect(read).not.toMatch(/^[=+\-@\t\r\n]/);
        expect(/^'+[=+\-@\t\r\n＝＋－＠]/.test(read) ? read.slice(1) : read).toBe(text);
      },
    ),
  );
});
