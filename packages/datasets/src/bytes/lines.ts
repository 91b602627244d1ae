import { unreadable } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { chunksOf } from './gunzip.ts';

/** Longest line that is read, in characters. */
export const MAX_LINE = 16 * 2 ** 20;

/** The lines of a text in UTF-8, without line ends and byte-order mark. @throws DatasetError `TOO_LARGE` for a longer line. */
export async function* linesOf(source: ByteSource): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  for await (const chunk of chunksOf(source)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const part of parts) yield { text: part.replace(/\r$/, ''), line: ++line };
    if (rest.length > MAX_LINE) {
      throw unreadable('TOO_LARGE', source, {
        expected: `a line below ${MAX_LINE} characters in line ${line + 1}`,
        got: 'a longer one',
      });
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield { text: rest.replace(/\r$/, ''), line: ++line };
}
