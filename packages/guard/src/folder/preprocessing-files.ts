import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPlainFile } from '@ood/core/node';
import {
  type Preprocessing,
  parsePreprocessing,
  preprocessingFiles,
  restorePreprocessing,
  summarizedFiles,
} from '@ood/features';
import type { Manifest } from './manifest.ts';

/** Writes what is a whole file in a preprocessing (a tokenizer) as one of the folder. */
export async function writePreprocessingFiles(folder: string, preprocessing: Preprocessing): Promise<void> {
  for (const [file, text] of Object.entries(preprocessingFiles(preprocessing)))
    await writeFile(join(folder, file), text);
}

/** The preprocessing of a guard, with the files of its folder; these have been verified. */
export async function readPreprocessing(
  folder: string,
  { preprocessing }: Pick<Manifest, 'preprocessing'>,
): Promise<Preprocessing | undefined> {
  if (preprocessing === null) return undefined;
  const texts: Record<string, string> = {};
  for (const file of Object.keys(summarizedFiles(preprocessing)))
    texts[file] = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      await readPlainFile(join(folder, file)),
    );
  return parsePreprocessing(restorePreprocessing(preprocessing, texts));
}
