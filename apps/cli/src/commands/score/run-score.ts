import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Outcome, openGuard } from '@ood/guard';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { openImages } from '../guard/open-images.ts';
import { csvLine } from './csv-line.ts';

export interface ScoreOptions {
  readonly guard: string;
  readonly images: string;
  readonly out: string;
  readonly json?: boolean;
}

const HEADER = ['id', 'is_ood', 'p_value', 'score', 'prediction', 'probability', 'refused'];

/** Scores every image of a source into a CSV file, which gets its name when it is complete. */
export async function runScore(
  { guard: folder, images, out, json = false }: ScoreOptions,
  io: Io,
): Promise<void> {
  const samples = await openImages(images, io);
  const guard = await openGuard(resolve(io.cwd, folder));
  const path = resolve(io.cwd, out);
  const temporary = `${path}.incomplete`;
  const counts = { images: 0, ood: 0, refused: 0 };
  const stage = createProgress(io, { silent: json }).stage('scoring');
  const start = io.now();
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = createWriteStream(temporary);
    await once(file, 'open');
    try {
      file.write(csvLine(HEADER));
      for await (const outcome of guard.checkStream(samples, { signal: io.signal })) {
        counts.images++;
        if ('refusal' in outcome) counts.refused++;
        else if (outcome.verdict.isOod) counts.ood++;
        if (!file.write(csvLine(cells(outcome)))) await once(file, 'drain');
        const rate = (1000 * counts.images) / (io.now() - start);
        const fraction = samples.length === undefined ? undefined : counts.images / samples.length;
        stage.update(fraction, `${Math.round(rate)} images/s`);
      }
    } finally {
      file.end();
      await finished(file);
    }
    io.signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await guard.close();
  }
  stage.done(`${counts.images} images`);
  const { alpha } = guard.describe().calibration;
  io.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: 1, guard: folder, images, out, alpha, counts }, null, 2)}\n`
      : `${out}: ${counts.ood} of ${counts.images} images called OOD at alpha = ${alpha}${counts.refused ? `, ${counts.refused} refused` : ''}\n`,
  );
}

function cells(outcome: Outcome): (string | number)[] {
  if ('refusal' in outcome) return [outcome.id, '', '', '', '', '', outcome.refusal.code];
  const { isOod, pValue, score, prediction } = outcome.verdict;
  return [
    outcome.id,
    isOod ? 1 : 0,
    pValue,
    score,
    prediction ? (prediction.name ?? prediction.index) : '',
    prediction ? prediction.probability : '',
    '',
  ];
}
