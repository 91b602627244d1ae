import { extname } from 'node:path';
import {
  type FeatureStore,
  openFeatureStore,
  type Preprocessing,
  readNpy,
  readSafetensors,
  toMatrix,
} from '@ood/features';
import type { FeatureRows, FeatureStream } from '@ood/guard';
import { UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requireFile } from '../../paths/require-path.ts';

/** Features extracted before, and what is known of their making. */
export interface OpenFeatures {
  readonly rows: FeatureRows | FeatureStream;
  readonly preprocessing?: Preprocessing;
  close(): Promise<void>;
}

/**
 * The features in a file: a feature store (streamed; it knows what made it), `.npy`, or `.safetensors` with `features`
 * and perhaps `logits` and `labels`.
 */
export async function openFeatures(word: string, io: Io): Promise<OpenFeatures> {
  const path = await requireFile(word, io, 'a feature store, .npy or .safetensors file');
  if (extname(path) === '.npy') {
    return inMemory({ features: toMatrix(await readNpy(path), word) });
  }
  if (extname(path) === '.safetensors') {
    const { features, logits, labels } = (await readSafetensors(path)).tensors;
    if (features === undefined) throw new UsageError(`${word}: expected a tensor named 'features', got none`);
    return inMemory({
      features: toMatrix(features, word),
      ...(logits && { logits: toMatrix(logits, word) }),
      ...(labels && { labels: Int32Array.from(labels.data as Int32Array, Number) }),
    });
  }
  const store = await openFeatureStore(path);
  const { provenance } = store;
  return {
    rows: { open: () => blocks(store, io.signal), ...(provenance && { provenance }) },
    ...(provenance?.preprocessing && { preprocessing: provenance.preprocessing }),
    close: () => store.close(),
  };
}

async function* blocks(store: FeatureStore, signal: AbortSignal): AsyncGenerator<FeatureRows> {
  for await (const { features, logits, labels } of store.batches({ signal })) {
    yield { features, ...(logits && { logits }), labels };
  }
}

function inMemory(rows: FeatureRows): OpenFeatures {
  return { rows, close: async () => {} };
}
