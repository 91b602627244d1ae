import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractToStore, huggingFaceText, openBackbone, openFeatureStore, type Sample } from '@ood/features';
import { describeModel } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queries, textModel, wordTokenizer } from '../../../tooling/vitest/text-model.ts';
import { exportGuard, fitGuard, openGuard } from '../src/index.ts';

let folder = '';
let path = '';
const source = (samples: readonly Sample[]) => ({
  length: samples.length,
  async *[Symbol.asyncIterator]() {
    yield* samples;
  },
});
const model = textModel();
const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map(name => ({
  name,
  type: 'int64' as const,
  dims: ['batch', 'tokens'],
}));
const preprocessing = huggingFaceText(inputs, { tokenizer: wordTokenizer() });
const options = {
  model,
  preprocessing,
  backbone: { head: 'require' as const },
  train: source(queries(400)),
  calibration: source(queries(200, { seed: 2 })),
  detector: 'mahalanobis++',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-text-'));
  path = join(folder, 'guard');
  await fitGuard(path, options);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a guard of texts', () => {
  it('tells queries out of scope, in any company, and refuses what is no text', async () => {
    const guard = await openGuard(path);
    expect(guard.describe()).toMatchObject({
      version: 3,
      preprocessing: { kind: 'text', tokenizer: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    });
    const share = async (samples: readonly Sample[]) => {
      let called = 0;
      for await (const outcome of guard.checkStream(samples, { batchSize: 7 }))
        if ('refusal' in outcome || outcome.verdict.isOod) called++;
      return called / samples.length;
    };
    expect(await share(queries(200, { seed: 3 }))).toBeLessThan(0.12);
    expect(await share(queries(200, { seed: 4, scope: false }))).toBeGreaterThan(0.9);

    const text = 'what is my balance';
    const alone = await guard.check(text);
    expect(alone.prediction).toMatchObject({ index: 0 });
    const [among] = await guard.checkBatch([
      text,
      'what is the weather forecast for tomorrow in a planet ?'.repeat(3),
    ]);
    expect((among as { verdict: { score: number } }).verdict.score).toBeCloseTo(alone.score, 4);
    expect(await guard.check({ text })).toMatchObject({ score: alone.score });
    expect((await guard.explain(text)).features).toHaveLength(5);
    const [image, pair] = await guard.checkBatch([new Uint8Array(3), { text, pair: 'send dollars' }]);
    expect(image).toMatchObject({ refusal: { reason: expect.stringContaining('expected a text (string)') } });
    expect(pair).toHaveProperty('verdict');
    await guard.close();
  });

  it('is exported to a file that agrees with it, and says how texts become its inputs', async () => {
    const file = join(folder, 'guard.onnx');
    for (const sample of [undefined, source(queries(30, { seed: 5 }))]) {
      const { sample: parity } = await exportGuard(path, file, { sample });
      expect(parity).toMatchObject({ decisions: 0, rows: sample ? 30 : 32 });
      expect(parity.score.inDeviations).toBeLessThan(1e-3);
    }
    const { inputs: declared, metadata } = describeModel(await readModel(file));
    expect(declared.map(({ name }) => name)).toEqual(inputs.map(({ name }) => name));
    expect(metadata['ood.input']).toMatch(
      /tokenizer.json of SHA-256 [0-9a-f]{64}.*"attention_mask": attention mask/,
    );
    const session = await nodeRuntime.createSession(file);
    expect(session.outputs.map(({ name }) => name)).toEqual(['logits', 'score', 'p_value', 'is_ood']);
    await session.close();
  });

  it.each<[string, (copy: string) => Promise<void>, string]>([
    [
      'another tokenizer',
      async copy => writeFile(join(copy, 'tokenizer.json'), `${preprocessing.tokenizer} `),
      'CORRUPT_FILE',
    ],
    ['none', async copy => rm(join(copy, 'tokenizer.json')), 'CORRUPT_FILE'],
    [
      'a preprocessing of another kind',
      edit(manifest => (manifest.preprocessing.kind = 'smell')),
      'NEWER_VERSION',
    ],
    [
      'a tokenizer that is not listed',
      edit(manifest => delete manifest.files['tokenizer.json']),
      'CORRUPT_FILE',
    ],
    ['a sum that is none', edit(manifest => (manifest.preprocessing.tokenizer = 7)), 'INVALID_OPTION'],
    ['a shorter length', edit(manifest => (manifest.preprocessing.maxLength = 5)), 'PREPROCESSING_CHANGED'],
  ])('is not opened with %s', async (what, change, code) => {
    const copy = join(folder, what.replaceAll(' ', '-'));
    await cp(path, copy, { recursive: true });
    await change(copy);
    await expect(openGuard(copy)).rejects.toMatchObject({ code });
  });

  it('is fitted on a store of features as well, which must be of the same tokenizer', async () => {
    const store = join(folder, 'features.arrow');
    const backbone = await openBackbone(model, { head: 'require' });
    const samples = source(queries(400));
    await extractToStore(store, backbone, samples, { preprocessing });
    expect((await extractToStore(store, backbone, samples, { preprocessing })).reusedRows).toBe(400);
    const other = { ...preprocessing, tokenizer: `${preprocessing.tokenizer} ` };
    await expect(extractToStore(store, backbone, samples, { preprocessing: other })).rejects.toMatchObject({
      code: 'STORE_MISMATCH',
    });
    await backbone.close();
    const { provenance, batches, close } = await openFeatureStore(store);
    const train = { open: () => batches(), provenance: provenance! };
    const fit = (name: string, options: object) =>
      fitGuard(join(folder, name), { ...options, train } as never);
    await expect(fit('other', { ...options, preprocessing: other })).rejects.toMatchObject({
      code: 'FOREIGN_ROWS',
    });
    expect(await fit('stored', options)).toMatchObject({ trainingRows: 400 });
    await close();
  });
});

interface Written {
  preprocessing: Record<string, unknown>;
  files: Record<string, string>;
}

function edit(change: (manifest: Written) => unknown) {
  return async (copy: string) => {
    const file = join(copy, 'guard.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    change(manifest);
    await writeFile(file, JSON.stringify(manifest));
  };
}
