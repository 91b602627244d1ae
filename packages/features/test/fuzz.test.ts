import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy, encodeSafetensors, isOodError } from '@ood/core';
import { graphOf, inferShapes } from '@ood/onnx';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { fuzzSeconds, fuzz as fuzzTarget, mutateBytes, mutateValue } from '../../../tooling/vitest/fuzz.ts';
import { layerCandidates } from '../src/backbone/candidates.ts';
import { chooseLayer } from '../src/backbone/choose-layer.ts';
import { hiddenHead } from '../src/backbone/hidden-head.ts';
import { backboneInputs } from '../src/backbone/inputs.ts';
import { loadModel } from '../src/backbone/load-model.ts';
import {
  decodeImage,
  extractToStore,
  huggingFacePreprocessing,
  imagePreparer,
  openFeatureFile,
  openFeatureStore,
  parsePreprocessing,
  preset,
  timmPreprocessing,
} from '../src/index.ts';
import { resumeFeatureStore } from '../src/store/open-writer.ts';
import { describedModel } from './models.ts';
import { colors, small, streamed } from './samples.ts';

/** For a longer run: OOD_FUZZ_SECONDS=600. Shared by the tests of this file. */
const seconds = fuzzSeconds(10);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-features-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesUnder = (name: string) => {
  const root = fileURLToPath(new URL(name, import.meta.url));
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
};
/** Runs a reader on mutants for its share of the time. */
const fuzz = (
  name: string,
  share: number,
  corpus: readonly Uint8Array[],
  read: (bytes: Uint8Array) => unknown,
): Promise<void> =>
  fuzzTarget({
    name,
    seconds: seconds * share,
    corpus,
    mutate: (bytes, random) => mutateBytes(bytes, corpus, random),
    read,
  });

describe('damaged files meet nothing but typed errors', { timeout: 1000 * seconds + 120_000 }, () => {
  const stores = async () => {
    const path = join(folder, 'made.arrow');
    const options = { preprocessing: small, batchSize: 4, rowsPerBatch: 4 };
    await extractToStore(path, describedModel(), streamed(await colors(9)), {
      ...options,
      ifExists: 'overwrite',
    });
    return [
      readFileSync(path),
      ...filesUnder('cases/hostile')
        .filter(f => /arrow/.test(f))
        .map(f => readFileSync(f)),
    ];
  };
  const fileOf = async (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };

  test('feature stores', async () => {
    await fuzz('stores', 0.15, await stores(), async bytes => {
      const store = await openFeatureStore(await fileOf('store.arrow', bytes));
      try {
        await store.readAll();
      } finally {
        await store.close();
      }
    });
  });

  test('unfinished stores', async () => {
    await fuzz('unfinished', 0.15, await stores(), async bytes => {
      const path = join(folder, 'unfinished.arrow');
      await rename(await fileOf('bytes', bytes), `${path}.incomplete`);
      await (await resumeFeatureStore(path))?.close();
    });
  });

  test('features of other tools', async () => {
    const features = { shape: [5, 3], data: Float32Array.from({ length: 15 }, (_, i) => i) };
    const labels = { shape: [5], data: Int32Array.of(0, 1, 2, 1, 0) };
    const arrays = { features, labels };
    const corpus = [
      encodeNpy(features),
      encodeNpy({ shape: [2, 2], data: BigInt64Array.of(1n, 2n, 3n, 4n) }),
      encodeSafetensors({ arrays }),
      zipSync({ 'features.npy': encodeNpy(features), 'labels.npy': encodeNpy(labels) }),
      ...filesUnder('cases/files/10-healthy-arrow-called-damaged').map(f => readFileSync(f)),
      // Found by a longer run: apache-arrow would read it for ever.
      ...filesUnder('cases/hostile')
        .filter(f => /arrow-block/.test(f))
        .map(f => readFileSync(f)),
    ];
    await fuzz('features', 0.25, corpus, async bytes => {
      const file = await openFeatureFile(await fileOf('features', bytes));
      try {
        await file.readRows(0, file.rows);
      } finally {
        await file.close();
      }
    });
  });

  test('images', async () => {
    const corpus = [...filesUnder('golden/odd'), ...filesUnder('cases/files/08-apng-not-refused')].map(f =>
      readFileSync(f),
    );
    const prepare = imagePreparer(preset('cifar'));
    let animated: 'refuse' | 'first-frame' = 'refuse';
    await fuzz('images', 0.25, corpus, async bytes => {
      animated = animated === 'refuse' ? 'first-frame' : 'refuse';
      prepare(await decodeImage(bytes, { animated, maxPixels: 1_000_000 }));
    });
  });

  test('descriptions of preprocessing', async () => {
    const texts = [
      JSON.stringify(preset('imagenet')),
      JSON.stringify(preset('mnist')),
      '{"pretrained_cfg":{"input_size":[3,224,224],"interpolation":"bicubic","mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"crop_pct":0.9,"crop_mode":"center"}}',
      '{"image_processor_type":"ViTImageProcessor","size":{"height":224,"width":224},"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"resample":2,"do_resize":true}',
      '{"image_processor_type":"ConvNextImageProcessor","size":{"shortest_edge":224},"crop_pct":0.875,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"resample":3}',
      ...filesUnder('cases/hostile')
        .filter(f => /json/.test(f))
        .map(f => readFileSync(f, 'utf8')),
      'null',
    ];
    const corpus = texts.map(text => new TextEncoder().encode(text));
    await fuzz('json, bytes', 0.04, corpus, bytes => parsePreprocessing(new TextDecoder().decode(bytes)));
    await fuzzTarget<unknown>({
      name: 'json, values',
      seconds: seconds * 0.06,
      corpus: texts.flatMap(text => {
        try {
          return [JSON.parse(text)];
        } catch {
          return [];
        }
      }),
      mutate: mutateValue,
      read(value) {
        for (const read of [timmPreprocessing, huggingFacePreprocessing])
          try {
            read(value);
          } catch (error) {
            if (!isOodError(error)) throw error;
          }
        return parsePreprocessing(value);
      },
    });
  });

  test('graphs, as far as the search for a head goes', async () => {
    const corpus = [...filesUnder('cases/models'), ...filesUnder('cases/hostile')]
      .filter(f => /\.onnx$|onnxrt/.test(f))
      .map(f => readFileSync(f))
      .filter(bytes => bytes.length < 20_000);
    await fuzz('graphs', 0.1, corpus, async bytes => {
      const { model, identity } = await loadModel(bytes);
      const inference = inferShapes(model);
      backboneInputs(model);
      layerCandidates(model, inference);
      for (const { name } of graphOf(model).output) hiddenHead(model, inference, { output: name, width: 4 });
      chooseLayer(model, inference, { source: identity.source });
    });
  });
});
