import { readFile } from 'node:fs/promises';
import { type Guard, isGuardError, type RawExplanation, type Refusal, type Verdict } from '@ood/guard';
import { describeSystemError, GateMissedError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { writeJson } from '../../output/write-json.ts';
import { requireFile } from '../../paths/require-path.ts';
import { openImageGuard } from '../guard/open-guard.ts';
import type { Checked } from './checked.ts';
import { formatChecked } from './format-checked.ts';

export interface CheckOptions {
  readonly guard: string;
  readonly images: readonly string[];
  readonly explain?: boolean;
  readonly failOnOod?: boolean;
  readonly json?: boolean;
}

/** Prints the verdict on each image. @throws GateMissedError with `failOnOod` where any is OOD or gives no verdict */
export async function runCheck(options: CheckOptions, io: Io): Promise<void> {
  const { images, explain = false, failOnOod = false, json = false } = options;
  const paths: string[] = [];
  for (const image of images) {
    paths.push(await requireFile(image, io, 'an image file', 'score folders with ood score'));
  }
  const guard = await openImageGuard(options.guard, io);
  const width = Math.max(...images.map(image => image.length));
  const checked: Checked[] = [];
  try {
    for (const [i, image] of images.entries()) {
      io.signal.throwIfAborted();
      const entry = { image, ...(await check(guard, paths[i]!, { explain })) };
      checked.push(entry);
      if (!json) io.stdout.write(formatChecked(entry, width));
    }
  } finally {
    await guard.close();
  }
  if (json) {
    const { alpha, guarantee, caveat } = guard.describe().calibration;
    const listed = checked.map(entry =>
      'verdict' in entry ? { ...entry, verdict: withoutLogits(entry.verdict) } : entry,
    );
    writeJson(io, { guard: options.guard, alpha, guarantee, caveat, images: listed });
  }
  const bad = checked.filter(entry => !('verdict' in entry) || entry.verdict.isOod).length;
  if (failOnOod && bad > 0)
    throw new GateMissedError(`${bad} of ${images.length} images are OOD or gave no verdict`);
}

/** What is found about one file: one that cannot be read or decoded is refused, and the others go on. */
async function check(guard: Guard, path: string, { explain }: { explain: boolean }) {
  try {
    const bytes = new Uint8Array(await readFile(path));
    if (!explain) return { verdict: await guard.check(bytes) };
    const { verdict, ...explanation } = await guard.explain(bytes);
    return { verdict, explanation: explanation satisfies RawExplanation };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

function refusalOf(error: unknown): Refusal | undefined {
  if (isGuardError(error) && error.code === 'BAD_IMAGE') {
    const { reasonCode, reason } = error.details as { reasonCode: string; reason: string };
    return { code: reasonCode, reason };
  }
  const reason = describeSystemError(error);
  return reason === undefined ? undefined : { code: (error as NodeJS.ErrnoException).code!, reason };
}

function withoutLogits({ isOod, score, pValue, prediction }: Verdict) {
  return { isOod, score, pValue, ...(prediction && { prediction }) };
}
