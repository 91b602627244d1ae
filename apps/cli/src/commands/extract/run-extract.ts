import { extname, resolve } from 'node:path';
import { isOodError, printable, systemError } from '@ood/core';
import {
  type BackboneDescription,
  classNameCount,
  type ExtractedStore,
  extractToStore,
  type Failure,
  openBackbone,
  openFeatureStore,
  readConfiguredClasses,
} from '@ood/features';
import {
  createProgress,
  extractionDetail,
  fractionOf,
  type Io,
  requireOwnFile,
  writeJson,
} from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { chooseAudioPreprocessing, openAudio } from '../guard/audio.ts';
import { withBoxCrop } from '../guard/boxes.ts';
import { choosePreprocessing } from '../guard/choose-preprocessing.ts';
import { readClassNames } from '../guard/class-names.ts';
import { modelFile } from '../guard/model-file.ts';
import { openImages } from '../guard/open-images.ts';
import { openTexts, type TextFlags } from '../guard/open-texts.ts';
import { openTextPreprocessing, type TokenizerFlags } from '../guard/text-preprocessing.ts';
import {
  type AudioFlags,
  type BackboneFlags,
  type BoxCropFlags,
  type BoxFlags,
  backboneOptions,
} from '../options.ts';

export interface ExtractFlags
  extends BackboneFlags,
    BoxFlags,
    BoxCropFlags,
    TextFlags,
    TokenizerFlags,
    AudioFlags {
  readonly model: string;
  readonly images?: string;
  readonly preprocess?: string;
  readonly classes?: string;
  readonly element: 'float32' | 'float16';
  readonly threads?: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

/** Refused images that the summary lists, at most. */
const LISTED = 5;

/** Extracts the features of a source into a feature store; called again after an interruption, it goes on. */
export async function runExtract(options: ExtractFlags, io: Io): Promise<void> {
  const { images, text, audio, out, element, overwrite = false, json = false, threads } = options;
  if (extname(out) !== '.arrow') {
    throw new CliError('INVALID_OPTION', {
      where: `--out ${out}`,
      expected: 'a path that ends in .arrow, by which other commands know it',
      got: 'another',
      advice: `name it ${out}.arrow`,
    });
  }
  const given = [images, text, audio].filter(word => word !== undefined);
  const [source] = given;
  if (source === undefined || given.length > 1)
    throw new CliError('INVALID_OPTION', {
      where: 'ood extract',
      expected: 'what to extract features of: either --images or --text or --audio',
      got: source === undefined ? 'neither' : 'several',
    });
  const what = whatOf(options);
  const path = resolve(io.cwd, out);
  await requireOwnFile(path, { what: 'a feature store', isOne: isStore });
  const model = await modelFile(options.model, io, { fixed: options.input, texts: text !== undefined });
  const windows = audio === undefined ? undefined : await chooseAudioPreprocessing(options, model, io);
  const { samples, leftOut, finishNotes } =
    text !== undefined
      ? { ...(await openTexts(text, io, options)), leftOut: 0 }
      : windows
        ? await openAudio(source, windows, io)
        : await openImages(source, io, options);
  const { classes } = options;
  const names = classes === undefined ? undefined : await readClassNames(classes, model.description, io);
  const chosen =
    windows ??
    (text === undefined
      ? await choosePreprocessing(options.preprocess, model, io)
      : await openTextPreprocessing(options, model, io));
  if (chosen === undefined) {
    throw new CliError('INVALID_OPTION', {
      where: source,
      expected: '--preprocess, since the model takes vectors',
      got: 'none',
      advice: 'say how images become them',
    });
  }
  const preprocessing = withBoxCrop(chosen, options);
  const stage = createProgress(io, { silent: json }).stage('extracting features');
  const backbone = await openBackbone(model.path, { ...backboneOptions(options), threads });
  try {
    const classNames = names ?? (await configuredClasses(model.path, backbone.describe()));
    const extracting = extractToStore(path, backbone, samples, {
      preprocessing,
      element,
      ifExists: overwrite ? 'overwrite' : 'reuse',
      ...(classNames && { classNames }),
      signal: io.signal,
      now: io.now,
      onProgress: event => stage.update(fractionOf(event), extractionDetail(event).join(', ')),
    });
    const made = await inFlags(extracting, out).finally(finishNotes);
    stage.done(`${made.rows} ${what}`);
    const { featureSize } = backbone.describe();
    if (json)
      writeJson(
        io,
        summary(made, {
          out,
          ...(images !== undefined ? { images } : text !== undefined ? { text } : { audio }),
          featureSize,
          threads: threads ?? null,
          leftOut,
          classes: classNames ?? null,
        }),
      );
    else io.stdout.write(formatted(made, { out, featureSize, what }));
  } finally {
    await backbone.close();
  }
}

function whatOf({ text, audio, boxes }: ExtractFlags): string {
  if (text !== undefined) return 'texts';
  if (audio !== undefined) return 'windows';
  return boxes === undefined ? 'images' : 'boxes';
}

/** Names in a config.json beside the model, which nobody asked for: only where they fit. */
async function configuredClasses(path: string, backbone: BackboneDescription) {
  const names = await readConfiguredClasses(path);
  return names?.length === classNameCount(backbone) ? names : undefined;
}

async function isStore(path: string): Promise<boolean> {
  const store = await openFeatureStore(path);
  await store.close();
  return true;
}

/** The work; what the library says of its options comes in the words of the command line. */
async function inFlags<T>(work: Promise<T>, out: string): Promise<T> {
  return work.catch((error: unknown) => {
    if (!isOodError(error, 'STORE_MISMATCH'))
      throw systemError(error, { where: out, expected: 'to write the features' });
    throw new CliError('FILE_EXISTS', {
      where: out,
      expected: error.expected,
      got: error.got,
      details: error.details,
      advice: 'extract to another path, or pass --overwrite',
      cause: error,
    });
  });
}

function summary({ rows, reusedRows, failures }: ExtractedStore, about: object) {
  return {
    ...about,
    rows,
    reusedRows,
    refused: failures.map(({ id, code, reason }) => ({ id, code, reason })),
  };
}

function formatted(
  { rows, reusedRows, failures }: ExtractedStore,
  { out, featureSize, what }: { readonly out: string; readonly featureSize: number; readonly what: string },
): string {
  const reused = reusedRows === 0 ? '' : `, ${reusedRows === rows ? 'all' : reusedRows} of them from before`;
  const refused = failures.length === 0 ? '' : `; ${failures.length} ${what} refused:\n${listed(failures)}`;
  return `${printable(out)}: ${rows} rows of ${featureSize} features${reused}${refused}\n`;
}

function listed(failures: readonly Failure[]): string {
  const lines = failures.slice(0, LISTED).map(({ id, reason }) => `  ${printable(`${id}: ${reason}`)}`);
  const more = failures.length - LISTED;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
