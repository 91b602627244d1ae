import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { naming } from '../../errors.ts';
import { csvLine } from './csv-line.ts';

/** Characters that are written at once. */
const CHUNK = 1 << 16;

/** Writes rows of cells into a CSV file, which gets its name when it is complete: nothing is left of one that fails. */
export async function writeCsv(
  path: string,
  rows: AsyncIterable<readonly (string | number)[]>,
): Promise<void> {
  const temporary = `${path}.incomplete`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, 'w');
  try {
    let waiting = '';
    for await (const cells of rows) {
      waiting += csvLine(cells);
      if (waiting.length < CHUNK) continue;
      await naming(path, file.appendFile(waiting));
      waiting = '';
    }
    await naming(path, file.appendFile(waiting));
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}
