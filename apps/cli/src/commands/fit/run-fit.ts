import { dirname, extname, resolve } from 'node:path';
import { systemError } from '@ood/core';
import { requireWritableFolder } from '@ood/core/node';
import { headEvidenceOf } from '@ood/detectors';
import { kindOf, type PreprocessingSummary } from '@ood/features';
import { type FitGuardProgress, fitGuard, type GuardRows, guardDigest, type Manifest } from '@ood/guard';
import {
  consecutiveStages,
  createProgress,
  extractionDetail,
  type Io,
  type Progress,
  writeJson,
} from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { chooseAudioPreprocessing, openAudio } from '../guard/audio.ts';
import { withBoxCrop } from '../guard/boxes.ts';
import { choosePreprocessing } from '../guard/choose-preprocessing.ts';
import { readClassNames } from '../guard/class-names.ts';
import { modelFile } from '../guard/model-file.ts';
import { openFeatures } from '../guard/open-features.ts';
import { openImages } from '../guard/open-images.ts';
import { openTexts, type TextFlags } from '../guard/open-texts.ts';
import { readKey } from '../guard/read-key.ts';
import { openTextPreprocessing, type TokenizerFlags } from '../guard/text-preprocessing.ts';
import { vectorModel } from '../guard/vectors.ts';
import {
  type AudioFlags,
  type BackboneFlags,
  type BoxCropFlags,
  type BoxFlags,
  backboneOptions,
  type ColumnFlags,
  columnNames,
} from '../options.ts';
import { formatGuard } from './format-guard.ts';

export interface FitOptions
  extends BackboneFlags,
    BoxFlags,
    BoxCropFlags,
    TextFlags,
    TokenizerFlags,
    ColumnFlags,
    AudioFlags {
  readonly calibrateBoxes?: string;
  readonly model?: string;
  readonly images?: string;
  readonly features?: string;
  /** Of the rows of `features`. */
  readonly logits?: string;
  readonly labels?: string;
  readonly calibrate?: string;
  readonly preprocess?: string;
  readonly detector?: string;
  readonly classes?: string;
  readonly sign?: string;
  readonly threads?: number;
  readonly alpha: number;
  readonly seed: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

const FEATURE_FILES = ['.arrow', '.npy', '.npz', '.safetensors', '.parquet', '.csv', '.tsv'];

/** Fits a detector behind a model, calibrates it, writes the guard and prints what it guarantees. */
export async function runFit(options: FitOptions, io: Io): Promise<void> {
  const { images, text, audio, features, calibrate, alpha, seed, json = false, detector, threads } = options;
  const sources = [images, text, audio, features].filter(given => given !== undefined);
  const [source] = sources;
  if (source === undefined || sources.length > 1)
    throw new CliError('INVALID_OPTION', {
      where: 'ood fit',
      expected: 'ID inputs to fit on: either --images or --text or --audio or --features',
      got: source === undefined ? 'neither' : sources.length === 2 ? 'both' : 'several',
    });
  if (features === undefined && (options.logits ?? options.labels) !== undefined)
    throw new CliError('INVALID_OPTION', {
      where: options.logits === undefined ? '--labels' : '--logits',
      expected: 'rows of --features that they belong to',
      got: 'none',
      advice: 'labels of images are their folders; logits are what the model says',
    });
  requireBoxes(options);
  if (
    calibrate !== undefined &&
    resolve(io.cwd, calibrate) === resolve(io.cwd, source) &&
    options.boxes === options.calibrateBoxes
  )
    throw new CliError('INVALID_OPTION', {
      where: `--calibrate ${calibrate}`,
      expected: 'other ID inputs than those to fit on',
      got: 'the same',
      advice: 'leave it out to hold a part of them out',
    });
  if (options.model === undefined && features === undefined)
    throw new CliError('INVALID_OPTION', {
      where: 'ood fit',
      expected: `--model, which makes features of ${text !== undefined ? 'texts' : audio !== undefined ? 'recordings' : 'images'}`,
      got: 'none',
      advice: 'give a model; only vectors (--features) can do without',
    });
  const folder = resolve(io.cwd, options.out);
  await requireWritableFolder(dirname(folder), { where: `--out ${options.out}` });
  const model =
    options.model === undefined
      ? undefined
      : await modelFile(options.model, io, { fixed: options.input, texts: true });
  const finishing: (() => void | Promise<void>)[] = [];
  let made: PreprocessingSummary | undefined;
  let leftOut = 0;
  let dim = 0;
  let columns: readonly string[] | undefined;
  /** How recordings are cut and prepared: as those were whose features are given, else as the flags say. */
  const windows = async () =>
    made && 'kind' in made && made.kind === 'audio' && options.preprocess === undefined
      ? made
      : chooseAudioPreprocessing(options, model!, io);
  const rowsOf = async (
    word: string,
    kind: 'images' | 'text' | 'audio' | 'features',
    boxes?: string,
  ): Promise<GuardRows> => {
    if (kind === 'audio') {
      const { samples, leftOut: unseen, finishNotes } = await openAudio(word, await windows(), io);
      leftOut += unseen;
      finishing.push(finishNotes);
      return samples;
    }
    if (kind === 'text') {
      const { samples, finishNotes } = await openTexts(word, io, options);
      finishing.push(finishNotes);
      return samples;
    }
    if (kind === 'images') {
      const {
        samples,
        leftOut: unseen,
        finishNotes,
      } = await openImages(word, io, {
        ...(boxes !== undefined && { boxes }),
        ...(options.boxImages !== undefined && { boxImages: options.boxImages }),
      });
      leftOut += unseen;
      finishing.push(finishNotes);
      return samples;
    }
    const opened = await openFeatures(word, io, {
      columns: { ...columnNames(options), ...(columns && { features: columns }) },
      ...(word === source && { logits: options.logits, labels: options.labels }),
    });
    // Of the rows to fit on: those to calibrate on are read by the same names.
    columns ??= opened.columns;
    finishing.push(opened.close);
    dim ||= opened.dim;
    // Without a model nothing says how images would become such vectors.
    if (model === undefined) return 'open' in opened.rows ? { open: opened.rows.open } : opened.rows;
    made ??= opened.preprocessing;
    return opened.rows;
  };
  try {
    const train = await rowsOf(
      source,
      text !== undefined
        ? 'text'
        : audio !== undefined
          ? 'audio'
          : features !== undefined
            ? 'features'
            : 'images',
      options.boxes,
    );
    const isText =
      text !== undefined ||
      options.tokenizer !== undefined ||
      (made !== undefined && kindOf(made) === 'text');
    const isAudio = audio !== undefined || (made !== undefined && kindOf(made) === 'audio');
    const calibratesOnFeatures = calibrate !== undefined && FEATURE_FILES.includes(extname(calibrate));
    const calibratesOnImages = calibrate !== undefined && !calibratesOnFeatures && !isText && !isAudio;
    const calibration =
      calibrate === undefined
        ? undefined
        : await rowsOf(
            calibrate,
            calibratesOnFeatures ? 'features' : isText ? 'text' : isAudio ? 'audio' : 'images',
            options.calibrateBoxes,
          );
    const known = options.preprocess === undefined && made && !('kind' in made) ? made : undefined;
    const chosen =
      known ??
      (model && isAudio ? await windows() : undefined) ??
      (model && isText ? await openTextPreprocessing(options, model, io) : undefined) ??
      (model && (await choosePreprocessing(options.preprocess, model, io)));
    const preprocessing = chosen && withBoxCrop(chosen, options);
    if (preprocessing === undefined && (images !== undefined || calibratesOnImages))
      throw new CliError('INVALID_OPTION', {
        where: (images ?? calibrate)!,
        expected: model
          ? '--preprocess, since the model takes vectors'
          : 'vectors to calibrate on, as to fit on',
        got: model ? 'none' : 'images',
        advice: 'say how images become them, or give features',
      });
    const { classes, sign } = options;
    const progress = fitProgress(createProgress(io, { silent: json }));
    const making = fitGuard(folder, {
      model: model?.path ?? vectorModel(dim),
      train,
      alpha,
      seed,
      threads,
      overwrite: options.overwrite === true,
      signal: io.signal,
      now: io.now,
      onProgress: progress.update,
      preprocessing,
      calibration,
      detector,
      ...(model === undefined && columns && { columns }),
      classes:
        classes === undefined
          ? undefined
          : await readClassNames(classes, model?.description ?? { outputs: [] }, io),
      sign: sign === undefined ? undefined : await readKey(sign, io),
      backbone: model ? backboneOptions(options) : { head: 'none' },
    });
    const guard = await making.catch((cause: unknown) => {
      throw systemError(cause, { where: options.out, expected: 'to write the guard' });
    });
    progress.finish();
    const digest = await guardDigest(folder);
    if (json) writeJson(io, { ...asJson(options, guard, digest), leftOut });
    else io.stdout.write(formatGuard(options.out, guard, digest));
  } finally {
    for (const finish of finishing) await finish();
  }
}

/** Fitting and calibrating on boxes go together, and boxes are of images. */
function requireBoxes({ images, boxes, calibrate, calibrateBoxes }: FitOptions): void {
  const refuse = (where: string, expected: string, got: string) => {
    throw new CliError('INVALID_OPTION', { where, expected, got });
  };
  if (boxes !== undefined && images === undefined)
    refuse(`--boxes ${boxes}`, '--images, which the boxes are on', 'none');
  if (calibrateBoxes !== undefined && calibrate === undefined)
    refuse(`--calibrate-boxes ${calibrateBoxes}`, '--calibrate, images which the boxes are on', 'none');
  const onImages = calibrate !== undefined && !FEATURE_FILES.includes(extname(calibrate));
  if (images === undefined || !onImages || (boxes === undefined) === (calibrateBoxes === undefined)) return;
  if (boxes === undefined)
    refuse(`--calibrate-boxes ${calibrateBoxes}`, '--boxes, as to fit on', 'whole images to fit on');
  refuse(`--calibrate ${calibrate}`, '--calibrate-boxes, as to fit on', 'whole images to calibrate on');
}

function asJson({ out, threads }: FitOptions, guard: Manifest, digest: string) {
  const {
    detector,
    calibration,
    parity,
    trainingRows,
    refused,
    scoredBy,
    warnings,
    classNames: classes,
  } = guard;
  return {
    guard: out,
    digest,
    warnings,
    detector,
    logitEvidence: headEvidenceOf(detector) ?? null,
    calibration,
    parity,
    trainingRows,
    refused,
    scoredBy,
    classes,
    threads: threads ?? null,
  };
}

const TITLES: Readonly<Record<FitGuardProgress['stage'], string>> = {
  extracting: 'extracting features',
  fitting: 'fitting',
  calibrating: 'calibrating',
  writing: 'writing',
};

/** What making a guard reports, as stages of the terminal; call `finish` at the end. */
function fitProgress(progress: Progress) {
  const { update, finish } = consecutiveStages(progress);
  return {
    update({ stage, done, total, part, ...extracting }: FitGuardProgress): void {
      const calibrates = stage === 'extracting' && part === 'calibration';
      const title = calibrates ? 'extracting features to calibrate on' : TITLES[stage];
      const fitting =
        stage === 'fitting' && part !== undefined ? [total ? `${part}: ${done} of ${total}` : part] : [];
      const fraction = total === undefined || total === 0 ? undefined : done / total;
      update(title, fraction, [...extractionDetail(extracting), ...fitting].join(', '));
    },
    finish,
  };
}
