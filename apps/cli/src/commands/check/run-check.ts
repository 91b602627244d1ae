import { isOodError, printable } from '@ood/core';
import type { Guard, RawExplanation, Refusal, Verdict } from '@ood/guard';
import { GateMissedError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { writeJson } from '../../output/json.ts';
import { readBytes, STDIN } from '../../paths/read-bytes.ts';
import { requireFile } from '../../paths/require-path.ts';
import { openImageGuard } from '../guard/open-guard.ts';
import type { TrustFlags } from '../options.ts';
import { type Checked, formatChecked } from './format-checked.ts';

export interface CheckOptions extends TrustFlags {
  readonly guard: string;
  readonly images: readonly string[];
  readonly explain?: boolean;
  readonly failOnOod?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Largest image file that is read: what a decoder may take is bounded by its pixels besides. */
const MOST_BYTES = 256 * 2 ** 20;

/** Prints the verdict on each image. @throws GateMissedError with `failOnOod` where any is OOD or gives no verdict */
export async function runCheck(options: CheckOptions, io: Io): Promise<void> {
  const { images, explain = false, failOnOod = false, json = false, threads } = options;
  for (const image of images) {
    if (image !== STDIN) await requireFile(image, io, 'an image file', 'score folders with ood score');
  }
  const guard = await openImageGuard(options.guard, io, options);
  const width = Math.max(...images.map(image => printable(image).length));
  const checked: Checked[] = [];
  try {
    for (const image of images) {
      io.signal.throwIfAborted();
      const entry = { image, ...(await check(guard, image, { explain, io })) };
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
    throw new GateMissedError(`${bad} of ${images.length} images are OOD or gave no verdict`);
}

/** What is found about one file: one that cannot be read or decoded is refused, and the others go on. */
async function check(guard: Guard, image: string, { explain, io }: { explain: boolean; io: Io }) {
  const { signal } = io;
  try {
    const bytes = await readBytes(image, io, { expected: 'an image file', limit: MOST_BYTES });
    if (!explain) return { verdict: await guard.check(bytes, { signal }) };
    const { verdict, ...explanation } = await guard.explain(bytes, { signal });
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
  if (isOodError(error, 'BAD_IMAGE')) {
    const { reasonCode, reason } = error.details as { reasonCode: string; reason: string };
    return { code: reasonCode, reason };
  }
  return isOodError(error, ...OF_A_FILE) ? { code: error.code, reason: error.got } : undefined;
}

function withoutLogits({ isOod, score, pValue, prediction }: Verdict) {
  return { isOod, score, pValue, ...(prediction && { prediction }) };
}
