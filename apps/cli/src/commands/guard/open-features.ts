import { extname, resolve } from 'node:path';
import { openPlainFile } from '@ood/core/node';
import {
  type FeatureStore,
  openFeatureStore,
  type Preprocessing,
  readNpy,
  readSafetensors,
  toMatrix,
} from '@ood/features';
import type { FeatureRows, FeatureStream } from '@ood/guard';
import { CliError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requireFile } from '../../paths/require-path.ts';

/** Features extracted before, and what is known of their making. */
export interface OpenFeatures {
  readonly rows: FeatureRows | FeatureStream;
  readonly preprocessing?: Preprocessing;
  close(): Promise<void>;
}

const EXPECTED = 'a feature store (.arrow), .npy or .safetensors file';

/**
 * The features in a file: a feature store (streamed; it knows what made it), `.npy`, or `.safetensors` with `features`
 * and perhaps `logits` and `labels`.
 */
export async function openFeatures(word: string, io: Io): Promise<OpenFeatures> {
  const path = await requireFile(word, io, EXPECTED);
  if (extname(path) === '.npy') {
    return inMemory({ features: toMatrix(await readNpy(path), word) });
  }
  if (extname(path) === '.safetensors') {
    const { tensors } = await readSafetensors(path);
    const { features, logits, labels } = tensors;
    if (features === undefined)
      throw new CliError('INVALID_VALUE', {
        where: word,
        expected: "a tensor named 'features'",
        got: Object.keys(tensors).join(', ') || 'no tensors',
        advice: "name it 'features', and perhaps others 'logits' and 'labels'",
      });
    return inMemory({
      features: toMatrix(features, word),
      ...(logits && { logits: toMatrix(logits, word) }),
      ...(labels && { labels: Int32Array.from(labels.data as Int32Array, Number) }),
    });
  }
  if (extname(path) !== '.arrow' && !(await isArrow(word, io)))
    throw new CliError('FOREIGN_FILE', {
      where: word,
      expected: EXPECTED,
      got: `another kind of file${extname(path) === '.npz' ? ', an archive of .npy files' : ''}`,
      advice:
        extname(path) === '.npz'
          ? 'unpack it (it is a zip file) and give the .npy file of the features'
          : 'write the features as float32 .npy, one row a sample',
    });
  const store = await openFeatureStore(path);
  const { provenance } = store;
  return {
    rows: { open: () => blocks(store, io.signal), ...(provenance && { provenance }) },
    ...(provenance?.preprocessing && { preprocessing: provenance.preprocessing }),
    close: () => store.close(),
  };
}

/** Whether a file begins as Arrow files do. */
async function isArrow(word: string, io: Io): Promise<boolean> {
  const file = await openPlainFile(resolve(io.cwd, word), { what: EXPECTED, where: word });
  try {
    return new TextDecoder().decode(await file.read(0, Math.min(6, file.size))) === 'ARROW1';
  } finally {
    await file.close();
  }
}

async function* blocks(store: FeatureStore, signal: AbortSignal): AsyncGenerator<FeatureRows> {
  for await (const { features, logits, labels } of store.batches({ signal })) {
    yield { features, ...(logits && { logits }), labels };
  }
}

function inMemory(rows: FeatureRows): OpenFeatures {
  return { rows, close: async () => {} };
}
