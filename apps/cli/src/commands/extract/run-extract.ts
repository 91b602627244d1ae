import { extname, resolve } from 'node:path';
import {
  type ExtractedStore,
  extractToStore,
  type Failure,
  isFeaturesError,
  openBackbone,
  openFeatureStore,
} from '@ood/features';
import { naming, UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { extractionDetail } from '../../output/extraction-detail.ts';
import { createProgress } from '../../output/progress.ts';
import { writeJson } from '../../output/write-json.ts';
import { requireFile } from '../../paths/require-path.ts';
import { requireWritableFile } from '../../paths/require-writable-file.ts';
import { type BackboneFlags, backboneOptions } from '../backbone-options.ts';
import { choosePreprocessing } from '../guard/choose-preprocessing.ts';
import { openImages } from '../guard/open-images.ts';

export interface ExtractFlags extends BackboneFlags {
  readonly model: string;
  readonly images: string;
  readonly preprocess?: string;
  readonly element: 'float32' | 'float16';
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly out: string;
}

/** Refused images that the summary lists, at most. */
const LISTED = 5;

/** Extracts the features of a source into a feature store; called again after an interruption, it goes on. */
export async function runExtract(options: ExtractFlags, io: Io): Promise<void> {
  const { images, out, element, overwrite = false, json = false } = options;
  if (extname(out) !== '.arrow') {
    throw new UsageError(
      `--out ${out}: expected a path that ends in .arrow, by which other commands know it`,
    );
  }
  const path = resolve(io.cwd, out);
  await requireWritableFile(path, { what: 'a feature store', isOne: isStore });
  const file = await requireFile(options.model, io, 'an ONNX model');
  const samples = await openImages(images, io);
  const preprocessing = await choosePreprocessing(options.preprocess, file, io);
  if (preprocessing === undefined) {
    throw new UsageError(
      `${images}: expected --preprocess, since the model takes vectors; say how images become them`,
    );
  }
  const stage = createProgress(io, { silent: json }).stage('extracting features');
  const backbone = await openBackbone(file, backboneOptions(options));
  try {
    const extracting = extractToStore(path, backbone, samples, {
      preprocessing,
      element,
      ifExists: overwrite ? 'overwrite' : 'reuse',
      signal: io.signal,
      now: io.now,
      onProgress: ({ done, total, ...rest }) =>
        stage.update(total === undefined ? undefined : done / total, extractionDetail(rest).join(', ')),
    });
    const made = await naming(out, withFlags(extracting));
    stage.done(`${made.rows} images`);
    const { featureSize } = backbone.describe();
    if (json) writeJson(io, summary(made, { out, images, featureSize }));
    else io.stdout.write(formatted(made, { out, featureSize }));
  } finally {
    await backbone.close();
  }
}

async function isStore(path: string): Promise<boolean> {
  const store = await openFeatureStore(path);
  await store.close();
  return true;
}

/** What the library says of its options, in the words of the command line. */
async function withFlags<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!isFeaturesError(error) || error.code !== 'STORE_MISMATCH') throw error;
    throw new UsageError(error.message.replace("pass ifExists: 'overwrite'", 'pass --overwrite'));
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
  { out, featureSize }: { readonly out: string; readonly featureSize: number },
): string {
  const reused = reusedRows === 0 ? '' : `, ${reusedRows === rows ? 'all' : reusedRows} of them from before`;
  const refused = failures.length === 0 ? '' : `; ${failures.length} images refused:\n${listed(failures)}`;
  return `${out}: ${rows} rows of ${featureSize} features${reused}${refused}\n`;
}

function listed(failures: readonly Failure[]): string {
  const lines = failures.slice(0, LISTED).map(({ id, reason }) => `  ${id}: ${reason}`);
  const more = failures.length - LISTED;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
