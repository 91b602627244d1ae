import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isGuardError, openGuard, type RawExplanation, type Refusal, type Verdict } from '@ood/guard';
import { GateMissedError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requirePath } from '../guard/open-images.ts';
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
  for (const image of images) paths.push(await requirePath(image, io, 'an image file'));
  const guard = await openGuard(resolve(io.cwd, options.guard));
  const checked: Checked[] = [];
  try {
    for (const [i, image] of images.entries()) {
      io.signal.throwIfAborted();
      const bytes = new Uint8Array(await readFile(paths[i]!));
      const call = explain ? guard.explain(bytes) : guard.check(bytes).then(verdict => ({ verdict }));
      checked.push({ image, ...(await call.then(split, refusalOf)) });
    }
  } finally {
    await guard.close();
  }
  const { alpha, guarantee, caveat } = guard.describe().calibration;
  const listed = checked.map(entry =>
    'verdict' in entry ? { ...entry, verdict: withoutLogits(entry.verdict) } : entry,
  );
  io.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: 1, guard: options.guard, alpha, guarantee, caveat, images: listed }, null, 2)}\n`
      : formatChecked(checked),
  );
  const bad = checked.filter(entry => !('verdict' in entry) || entry.verdict.isOod).length;
  if (failOnOod && bad > 0)
    throw new GateMissedError(`${bad} of ${images.length} images are OOD or gave no verdict`);
}

function split({ verdict, ...explanation }: { readonly verdict: Verdict } & Partial<RawExplanation>) {
  return Object.keys(explanation).length === 0
    ? { verdict }
    : { verdict, explanation: explanation as RawExplanation };
}

function refusalOf(error: unknown): { readonly refusal: Refusal } {
  if (!isGuardError(error) || error.code !== 'BAD_IMAGE') throw error;
  const { reasonCode, reason } = error.details as { reasonCode: string; reason: string };
  return { refusal: { code: reasonCode, reason } };
}

function withoutLogits({ isOod, score, pValue, prediction }: Verdict) {
  return { isOod, score, pValue, ...(prediction && { prediction }) };
}
