import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cutModel,
  decodeModel,
  describeModel,
  encodeModel,
  graphOf,
  joinModels,
  renameTensors,
  upgradeOpset,
} from '@ood/onnx';
import { checkModel } from '@ood/onnx/check';
import { nodeRuntime, readModel, writeModel } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf, node, random, run } from './models.ts';
import { oddModels } from './odd-models.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-odd-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(oddModels)('$name', ({ model, feeds, expected }) => {
  it('computes what it should', async () => {
    const [first] = Object.values(await run(model, feeds));
    expect([...(first!.data as Float32Array)]).toEqual(expected);
  });

  it('keeps its bytes through decoding and encoding, and its outputs through files', async () => {
    const bytes = encodeModel(model);
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
    const before = await run(model, feeds);
    for (const externalData of ['never', 'always'] as const) {
      const path = join(folder, `${externalData}.onnx`);
      await writeModel(path, model, { externalData, minBytes: 1 });
      expect(await run(await readModel(path), feeds)).toEqual(before);
      const session = await nodeRuntime.createSession(path, { optimization: 'disabled' });
      expect(await session.run(feeds)).toEqual(before);
      await session.close();
    }
  });

  it('has nothing wrong with it, and can be described', () => {
    expect(checkModel(model)).toEqual([]);
    const description = describeModel(model);
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  it('computes the same renamed, upgraded, cut at its outputs, and joined to another', async () => {
    const before = Object.values(await run(model, feeds));
    const renamed = {
      ...model,
      graph: renameTensors(graphOf(model), name => (name in feeds ? name : `~${name}`)),
    };
    const upgraded = upgradeOpset(model, 20);
    const cut = cutModel(model, { outputs: graphOf(model).output.map(output => output.name) });
    for (const changed of [renamed, upgraded, cut]) {
      expect(Object.values(await run(changed, feeds))).toEqual(before);
      expect(checkModel(changed)).toEqual([]);
    }
    const output = graphOf(model).output[0]!.name;
    const negated = joinModels(
      model,
      modelOf({
        inputs: [{ name: 'x', type: 'float32', dims: [null, null] }],
        nodes: [node('Neg', ['x'], ['y'])],
      }),
      { connect: { x: output } },
    );
    if (before[0]!.dims.length === 2) {
      const [result] = Object.values(await run(negated, feeds));
      expect([...(result!.data as Float32Array)]).toEqual(expected.map(value => 0 - value || -value));
    }
  });
});

const bench = process.env.OOD_BENCH;
const models = ['cifar10-resnet20', 'imagenette-mobilenet', 'digits-mlp'];

describe.skipIf(bench === undefined || !existsSync(bench))(
  'the real models (skipped unless OOD_BENCH names their folder)',
  () => {
    it.each(models)(
      '%s survives a round trip with unchanged outputs, and has nothing wrong with it',
      async name => {
        const path = join(bench!, name, 'model.onnx');
        const model = decodeModel(await readFile(path));
        expect(checkModel(model)).toEqual([]);
        const copy = join(folder, 'copy.onnx');
        await writeModel(copy, model, { externalData: 'always' });
        const info = (await nodeRuntime.createSession(path)).inputs[0]!;
        const feeds = { [info.name]: random(info.dims.map(dim => (typeof dim === 'number' ? dim : 2))) };
        const options = { threads: 1 };
        const before = await run(model, feeds, options);
        expect(await run(decodeModel(encodeModel(model)), feeds, options)).toEqual(before);
        expect(await run(await readModel(copy), feeds, options)).toEqual(before);
        const original = await nodeRuntime.createSession(path, options);
        expect(await original.run(feeds)).toEqual(before);
        await original.close();
      },
    );
  },
);
