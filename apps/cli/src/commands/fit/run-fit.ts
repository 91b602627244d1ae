import { dirname, extname, resolve } from 'node:path';
import { createGuard, type GuardRows, type Manifest } from '@ood/guard';
import { naming, UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { writeJson } from '../../output/write-json.ts';
import { requireFile } from '../../paths/require-path.ts';
import { requireWritableFolder } from '../../paths/require-writable-folder.ts';
import { type BackboneFlags, backboneOptions } from '../backbone-options.ts';
import { choosePreprocessing } from '../guard/choose-preprocessing.ts';
import { type OpenFeatures, openFeatures } from '../guard/open-features.ts';
import { openImages } from '../guard/open-images.ts';
import { fitProgress } from './fit-progress.ts';
import { formatGuard } from './format-guard.ts';

export interface FitOptions extends BackboneFlags {
  readonly model: string;
  readonly images?: string;
  readonly features?: string;
  readonly calibrate?: string;
  readonly preprocess?: string;
  readonly detector?: string;
  readonly alpha: number;
  readonly seed: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

const FEATURE_FILES = ['.arrow', '.npy', '.safetensors'];

/** Fits a detector behind a model, calibrates it, writes the guard and prints what it guarantees. */
export async function runFit(options: FitOptions, io: Io): Promise<void> {
  const { images, features, calibrate, alpha, seed, json = false, detector } = options;
  if ((images === undefined) === (features === undefined)) {
    throw new UsageError('expected ID inputs to fit on: either --images or --features');
  }
  const source = (images ?? features)!;
  if (calibrate !== undefined && resolve(io.cwd, calibrate) === resolve(io.cwd, source)) {
    throw new UsageError(
      `--calibrate ${calibrate}: expected other ID inputs than those to fit on, got the same; leave it out to hold a part of them out`,
    );
  }
  const folder = resolve(io.cwd, options.out);
  await requireWritableFolder(dirname(folder));
  const model = await requireFile(options.model, io, 'an ONNX model');
  const open: OpenFeatures[] = [];
  const rowsOf = async (word: string, isFile: boolean): Promise<GuardRows> => {
    if (!isFile) return openImages(word, io);
    const opened = await openFeatures(word, io);
    open.push(opened);
    return opened.rows;
  };
  try {
    const train = await rowsOf(source, features !== undefined);
    const calibratesOnImages = calibrate !== undefined && !FEATURE_FILES.includes(extname(calibrate));
    const calibration = calibrate === undefined ? undefined : await rowsOf(calibrate, !calibratesOnImages);
    const preprocessing =
      (options.preprocess === undefined ? open[0]?.preprocessing : undefined) ??
      (await choosePreprocessing(options.preprocess, model, io));
    if (preprocessing === undefined && (images !== undefined || calibratesOnImages)) {
      throw new UsageError(
        `${images ?? calibrate}: expected --preprocess, since the model takes vectors, got none; say how images become them, or give features`,
      );
    }
    const progress = fitProgress(createProgress(io, { silent: json }));
    const making = createGuard(folder, {
      model,
      train,
      alpha,
      seed,
      overwrite: options.overwrite === true,
      signal: io.signal,
      now: io.now,
      onProgress: progress.update,
      preprocessing,
      calibration,
      detector,
      backbone: backboneOptions(options),
    });
    const guard = await naming(options.out, making);
    progress.finish();
    if (json) writeJson(io, asJson(options.out, guard));
    else io.stdout.write(formatGuard(options.out, guard));
  } finally {
    for (const { close } of open) await close();
  }
}

function asJson(folder: string, guard: Manifest) {
  const { detector, calibration, parity, trainingRows, refused, scoredBy } = guard;
  return { guard: folder, detector, calibration, parity, trainingRows, refused, scoredBy };
}
