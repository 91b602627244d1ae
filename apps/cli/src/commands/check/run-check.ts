import { isOodError, printable } from '@ood/core';
import type { Texts } from '@ood/datasets';
import type { Box } from '@ood/features';
import type { Guard, GuardInput, RawExplanation, Refusal, Verdict } from '@ood/guard';
import { GateMissedError, type Io, readBytes, requireFile, STDIN, writeJson } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { type OpenAudio, openAudio } from '../guard/audio.ts';
import { noteBoxes } from '../guard/boxes.ts';
import { openAudioGuard, openImageGuard, openTextGuard } from '../guard/open-guard.ts';
import { openTexts, type TextFlags } from '../guard/open-texts.ts';
import { openVectorInputs, type Vectors } from '../guard/vectors.ts';
import type { AudioFlags, BoxFlags, ColumnFlags, TrustFlags } from '../options.ts';
import { boxesOf, boxInputs, type ImageInput } from './box-inputs.ts';
import { type Checked, formatChecked } from './format-checked.ts';

export interface CheckOptions
  extends TrustFlags,
    BoxFlags,
    TextFlags,
    ColumnFlags,
    Pick<AudioFlags, 'audio'> {
  readonly guard: string;
  readonly images: readonly string[];
  /** Vectors instead. */
  readonly features?: string;
  /** Boxes on the one image. */
  readonly box?: readonly Box[];
  readonly explain?: boolean;
  readonly failOnOod?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Largest image file that is read: what a decoder may take is bounded by its pixels besides. */
const MOST_BYTES = 256 * 2 ** 20;

/** Prints the verdict on each image. @throws GateMissedError with `failOnOod` where any is OOD or gives no verdict */
export async function runCheck(options: CheckOptions, io: Io): Promise<void> {
  const { explain = false, failOnOod = false, json = false, threads } = options;
  const { guard, inputs, width } = await openInputs(options, io);
  const checked: Checked[] = [];
  try {
    for await (const { name, box, read } of inputs) {
      io.signal.throwIfAborted();
      const entry = { image: name, ...(box && { box }), ...(await check(guard, read, { explain, io })) };
      checked.push(entry);
      if (!json) io.stdout.write(formatChecked(entry, width));
    }
  } finally {
    await guard.close();
  }
  if (json) {
    const { alpha, guarantee } = guard.describe().calibration;
    const listed = checked.map(entry =>
      'verdict' in entry ? { ...entry, verdict: withoutLogits(entry.verdict) } : entry,
    );
    writeJson(io, {
      guard: options.guard,
      alpha,
      guarantee,
      warnings: guard.warnings,
      threads: threads ?? null,
      images: listed,
    });
  }
  const bad = checked.filter(entry => !('verdict' in entry) || entry.verdict.isOod).length;
  if (failOnOod && bad > 0)
    throw new GateMissedError(`${bad} of ${checked.length} ${whatOf(options)} are OOD or gave no verdict`);
}

function whatOf({ features, text, audio, boxes, box }: CheckOptions): string {
  if (audio !== undefined) return 'windows';
  if (features !== undefined) return 'vectors';
  if (text !== undefined) return 'texts';
  return boxes === undefined && box === undefined ? 'images' : 'boxes';
}

/** One thing to be judged. */
interface Input {
  readonly name: string;
  readonly box?: Box;
  read(): Promise<GuardInput>;
}

/** The guard, what it is to judge, and the width of a column of their names. */
async function openInputs(options: CheckOptions, io: Io) {
  const { images, text, audio, features } = options;
  const ways = [features, text, audio, images[0]].filter(given => given !== undefined).length;
  if (ways !== 1)
    throw new CliError('INVALID_OPTION', {
      where: 'ood check',
      expected: 'what to judge: either image files or --text or --audio or --features',
      got: ways === 0 ? 'neither' : 'both',
    });
  if (audio !== undefined) {
    const { guard, preprocessing } = await openAudioGuard(options.guard, io, options);
    const opened = await openAudio(audio, preprocessing, io).catch(async (error: unknown) => {
      await guard.close();
      throw error;
    });
    return { guard, inputs: windowInputs(opened), width: 24 };
  }
  if (text !== undefined) {
    const { samples, finishNotes } = await openTexts(text, io, options);
    const guard = await openTextGuard(options.guard, io, options);
    return { guard, inputs: textInputs(samples, finishNotes), width: String(samples.length).length };
  }
  if (features !== undefined) {
    const { guard, vectors } = await openVectorInputs({ ...options, features }, io);
    return { guard, inputs: inputsOf(vectors), width: String(vectors.length).length };
  }
  for (const image of images) {
    if (image !== STDIN) await requireFile(image, io, 'an image file', 'score folders with ood score');
  }
  const parts = await boxesOf(options, io);
  const guard = await openImageGuard(options.guard, io, options);
  const whole = images.map(
    (name): ImageInput => ({
      name,
      read: () => readBytes(name, io, { expected: 'an image file', limit: MOST_BYTES }),
    }),
  );
  const isBoxed = options.boxes !== undefined || options.box !== undefined;
  noteBoxes(guard, isBoxed, io);
  const inputs: Input[] = isBoxed ? boxInputs(whole, parts) : whole;
  return { guard, inputs, width: Math.max(...inputs.map(({ name }) => printable(name).length)) };
}

/** Texts, by their ids; a line without one is refused when it is read. */
async function* textInputs(samples: Texts, finish: () => void): AsyncGenerator<Input> {
  try {
    for await (const sample of samples)
      yield {
        name: sample.id,
        read: async () => {
          if (!('unreadable' in sample)) return sample;
          const where = `line ${sample.id}`;
          throw new CliError('READ_FAILED', { where, expected: 'a text', got: sample.unreadable });
        },
      };
  } finally {
    finish();
  }
}

/** Windows of recordings; one that does not decode is refused as a whole. */
async function* windowInputs({ samples, finishNotes }: OpenAudio): AsyncGenerator<Input> {
  try {
    for await (const sample of samples)
      if ('bytes' in sample) {
        const { id, bytes, start } = sample;
        yield { name: id, read: async () => ({ audio: bytes, ...(start !== undefined && { start }) }) };
      }
  } finally {
    finishNotes();
  }
}

async function* inputsOf(vectors: Vectors): AsyncGenerator<Input> {
  try {
    for await (const { id, vector } of vectors) yield { name: id, read: async () => vector };
  } finally {
    await vectors.close();
  }
}

/** What is found about one file: one that cannot be read or decoded is refused, and the others go on. */
async function check(guard: Guard, read: Input['read'], { explain, io }: { explain: boolean; io: Io }) {
  const { signal } = io;
  try {
    const input = await read();
    if (!explain) return { verdict: await guard.check(input, { signal }) };
    const { verdict, ...explanation } = await guard.explain(input, { signal });
    return { verdict, explanation: explanation satisfies RawExplanation };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

/** Codes of files that cannot be read: that one's own fault. */
const OF_A_FILE = ['READ_FAILED', 'PERMISSION_DENIED', 'TOO_LARGE', 'NOT_A_FILE', 'FILE_NOT_FOUND'];

function refusalOf(error: unknown): Refusal | undefined {
  if (isOodError(error, 'BAD_INPUT')) {
    const { reasonCode, reason } = error.details as { reasonCode: string; reason: string };
    return { code: reasonCode, reason };
  }
  return isOodError(error, ...OF_A_FILE) ? { code: error.code, reason: error.got } : undefined;
}

function withoutLogits({ isOod, score, pValue, prediction }: Verdict) {
  return { isOod, score, pValue, ...(prediction && { prediction }) };
}
