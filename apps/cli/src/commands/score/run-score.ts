import { resolve } from 'node:path';
import { printable } from '@ood/core';
import type { Sample } from '@ood/features';
import type { Guard } from '@ood/guard';
import { createProgress, type Io, requireOwnFile, type Stage, writeJson } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { openAudio } from '../guard/audio.ts';
import { noteBoxes } from '../guard/boxes.ts';
import { openAudioGuard, openImageGuard, openTextGuard } from '../guard/open-guard.ts';
import { openImages } from '../guard/open-images.ts';
import { openTexts, type TextFlags } from '../guard/open-texts.ts';
import { openVectorInputs } from '../guard/vectors.ts';
import type { AudioFlags, BoxFlags, ColumnFlags, TrustFlags } from '../options.ts';
import { isScores, scoresFormat } from './scores-file.ts';

export interface ScoreOptions
  extends TrustFlags,
    BoxFlags,
    TextFlags,
    ColumnFlags,
    Pick<AudioFlags, 'audio'> {
  readonly guard: string;
  readonly images?: string;
  readonly features?: string;
  readonly out: string;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Scores every image of a source into a file of the kind that its name says, which gets that name when it is complete. */
export async function runScore(options: ScoreOptions, io: Io): Promise<void> {
  const { images, text, audio, features, out, json = false, threads } = options;
  const sources = [images, text, audio, features].filter(given => given !== undefined);
  if (sources.length !== 1)
    throw new CliError('INVALID_OPTION', {
      where: 'ood score',
      expected: 'what to score: either --images or --text or --audio or --features',
      got: ['neither', 'one', 'both'][sources.length] ?? 'several',
    });
  const path = resolve(io.cwd, out);
  // First what is there: a photograph named by mistake is worth more than an ending.
  await requireOwnFile(path, { what: 'scores', isOne: isScores });
  const format = scoresFormat(path);
  const { guard, samples, leftOut, finish } = await openSource(options, io);
  const stage = createProgress(io, { silent: json }).stage('scoring');
  const counts = { images: 0, ood: 0, refused: 0 };
  try {
    await format.write(path, outcomesOf(guard, samples, { counts, stage, io }));
  } finally {
    await finish();
    await guard.close();
  }
  const what = whatOf(options);
  stage.done(`${counts.images} ${what}`);
  const { alpha } = guard.describe().calibration;
  if (json) {
    writeJson(io, {
      guard: options.guard,
      ...Object.fromEntries(
        Object.entries({ images, text, audio, features }).filter(([, given]) => given !== undefined),
      ),
      out,
      alpha,
      threads: threads ?? null,
      counts: { ...counts, leftOut },
    });
    return;
  }
  const refused = counts.refused ? `, ${counts.refused} refused` : '';
  io.stdout.write(
    `${printable(out)}: ${counts.ood} of ${counts.images} ${what} called OOD at alpha = ${alpha}${refused}\n`,
  );
}

function whatOf({ features, text, audio, boxes }: ScoreOptions): string {
  if (audio !== undefined) return 'windows';
  if (features !== undefined) return 'vectors';
  if (text !== undefined) return 'texts';
  return boxes === undefined ? 'images' : 'boxes';
}

/** The guard and what it is to score. */
async function openSource(options: ScoreOptions, io: Io) {
  const { images, text, audio, features } = options;
  if (audio !== undefined) {
    const { guard, preprocessing } = await openAudioGuard(options.guard, io, options);
    const opened = await openAudio(audio, preprocessing, io).catch(async (error: unknown) => {
      await guard.close();
      throw error;
    });
    return { ...opened, guard, finish: async () => opened.finishNotes() };
  }
  if (text !== undefined) {
    const { samples, finishNotes } = await openTexts(text, io, options);
    const guard = await openTextGuard(options.guard, io, options);
    return { guard, samples, leftOut: 0, finish: async () => finishNotes() };
  }
  if (features !== undefined) {
    const { guard, vectors } = await openVectorInputs({ ...options, features }, io);
    return { guard, samples: vectors, leftOut: 0, finish: () => vectors.close() };
  }
  const { samples, leftOut, finishNotes } = await openImages(images!, io, options);
  const guard = await openImageGuard(options.guard, io, options);
  noteBoxes(guard, options.boxes !== undefined, io);
  return { guard, samples, leftOut, finish: async () => finishNotes() };
}

interface Scoring {
  /** Brought up to date as outcomes come. */
  readonly counts: { images: number; ood: number; refused: number };
  readonly stage: Stage;
  readonly io: Io;
}

async function* outcomesOf(
  guard: Guard,
  samples: AsyncIterable<Sample> & { readonly length?: number | undefined },
  { counts, stage, io }: Scoring,
) {
  const start = io.now();
  for await (const outcome of guard.checkStream(samples, { signal: io.signal })) {
    counts.images++;
    if ('refusal' in outcome) counts.refused++;
    else if (outcome.verdict.isOod) counts.ood++;
    const rate = (1000 * counts.images) / (io.now() - start);
    const fraction = samples.length === undefined ? undefined : counts.images / samples.length;
    stage.update(fraction, `${Math.round(rate)}/s`);
    yield outcome;
  }
  io.signal.throwIfAborted();
}
