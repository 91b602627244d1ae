import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, isOodError } from '@ood/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  autoregressiveAffine,
  chain,
  createFlow,
  decodeFlow,
  defineFlow,
  encodeFlow,
  inverse,
  loadFlow,
  noPreparation,
  normalize,
  residualBlock,
  saveFlow,
  sequence,
  standardNormal,
  toOnnx,
} from '../src/index.ts';
import { randomWeights } from '../src/laws/random-weights.ts';
import { project } from '../src/preparations/project.ts';
import { normalArray } from '../src/random.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

let folder = '';
beforeAll(async () => {
  await useQuietCpu();
  folder = await mkdtemp(join(tmpdir(), 'flows-'));
});
afterAll(() => rm(folder, { recursive: true }));

const dim = 4;
const x = { rows: 12, cols: dim, data: normalArray(12 * dim, createRandom(6)) };

describe('files', () => {
  const model = defineFlow(
    sequence([normalize(dim), project(dim, 2)]),
    autoregressiveAffine(2),
    standardNormal(2),
  );
  const weights = {
    ...randomWeights(model, 1),
    constants: {
      ...randomWeights(model, 1).constants,
      'preparation.1.mean': { shape: [dim], data: new Float32Array(dim) },
      'preparation.1.matrix': { shape: [dim, 2], data: normalArray(2 * dim, createRandom(1)) },
    },
  };
  const about = { preset: 'test', epochs: 3 };
  const flow = createFlow(model, weights, { about });
  const bytes = encodeFlow(flow);

  it('of version 1, which spelled a kind of part otherwise, score as they did', async () => {
    const older = new URL('./golden/flow-version-1.safetensors', import.meta.url);
    const flow = decodeFlow(new Uint8Array(await readFile(older)), { engine: 'tfjs' });
    expect(flow.model.preparation.options).toEqual({ steps: [{ kind: 'normalize', dim: 3 }] });
    const rows = { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, -1, 0.5, 2) };
    expectClose(await flow.logProb(rows), [-4.477571487426758, -5.679762363433838], 1e-6);
    await flow.close();
  });

  it('go through a temporary name', async () => {
    const path = join(folder, 'a.safetensors');
    await saveFlow(flow, path);
    expect(await readdir(folder)).toEqual(['a.safetensors']);
    const again = await loadFlow(path);
    expect(await again.logProb(x)).toEqual(await flow.logProb(x));
    expect(again.about).toEqual(about);
    await again.close();
  });

  const edit = (change: (header: Record<string, Record<string, string>>) => void) => {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    change(header);
    const text = new TextEncoder().encode(JSON.stringify(header));
    const whole = new Uint8Array(8 + text.length + bytes.length - 8 - length);
    new DataView(whole.buffer).setUint32(0, text.length, true);
    whole.set(text, 8);
    whole.set(bytes.subarray(8 + length), 8 + text.length);
    return whole;
  };
  const flipped = bytes.slice();
  flipped[flipped.length - 2]! ^= 1;

  it.each([
    ['nothing', new Uint8Array(), 'CORRUPT_FILE'],
    ['a header cut short', bytes.slice(0, 40), 'CORRUPT_FILE'],
    ['numbers cut short', bytes.slice(0, -4), 'CORRUPT_FILE'],
    ['numbers too many', new Uint8Array([...bytes, 0, 0, 0, 0]), 'CORRUPT_FILE'],
    ['a flipped bit', flipped, 'CORRUPT_FILE'],
    ['text', new TextEncoder().encode('this is no flow at all'), 'FOREIGN_FILE'],
    ['a PNG', Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0]), 'FOREIGN_FILE'],
    ['another safetensors file', edit(header => delete header.__metadata__), 'FOREIGN_FILE'],
    ['a newer format', edit(header => (header.__metadata__!.version = '3')), 'NEWER_VERSION'],
    ['no version', edit(header => delete header.__metadata__!.version), 'CORRUPT_FILE'],
    ['no description', edit(header => delete header.__metadata__!.description), 'CORRUPT_FILE'],
    [
      'a torn description',
      edit(header => (header.__metadata__!.description = '{"model":{}}')),
      'CORRUPT_FILE',
    ],
    [
      'an altered description',
      edit(header => {
        const { description } = header.__metadata__!;
        header.__metadata__!.description = description!.replace('"reversed":false', '"reversed":true');
      }),
      'CORRUPT_FILE',
    ],
    [
      'an unknown bijection',
      encodeFlow({
        model: { ...model, bijection: { ...model.bijection, kind: 'mine' } },
        weights,
        about: null,
      }),
      'UNKNOWN_KIND',
    ],
    [
      'a description of other weights',
      encodeFlow({
        model: { ...model, bijection: autoregressiveAffine(2, { hidden: [31] }) },
        weights,
        about: null,
      }),
      'BAD_WEIGHTS',
    ],
    ['whole numbers', edit(header => (header['parameters.bijection.0.bias']!.dtype = 'I32')), 'CORRUPT_FILE'],
    ['half floats', edit(header => (header['parameters.bijection.0.bias']!.dtype = 'F16')), 'CORRUPT_FILE'],
  ])('name what is wrong with %s', (_, broken, code) => {
    expect(() => decodeFlow(broken)).toThrow(expect.objectContaining({ code }));
  });

  it('are refused wherever a bit of them flips', () => {
    // Spaces behind the header count for nothing, and some bits of JSON's escapes neither.
    fc.assert(
      fc.property(fc.nat(8 * bytes.length - 1), bit => {
        const altered = bytes.slice();
        altered[bit >> 3]! ^= 1 << (bit & 7);
        try {
          const read = decodeFlow(altered);
          expect(read.about).toEqual(flow.about);
          expect(read.weights).toEqual(flow.weights);
          expect(read.model.bijection.options).toEqual(model.bijection.options);
        } catch (error) {
          expect(isOodError(error)).toBe(true);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('go into folders that are not there yet, and say so where they cannot be written', async () => {
    const path = join(folder, 'new', 'deep', 'a.safetensors');
    await saveFlow(flow, path);
    expect(await readdir(join(folder, 'new', 'deep'))).toEqual(['a.safetensors']);
    const under = join(path, 'b.safetensors');
    await expect(saveFlow(flow, under)).rejects.toMatchObject({ code: 'NOT_A_FOLDER', where: path });
    await expect(saveFlow(flow, join(folder, 'new'))).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    expect((await readdir(folder)).filter(name => name.endsWith('.incomplete'))).toEqual([]);
  });

  it('are no text', () => {
    expect(() => decodeFlow('flow' as never)).toThrow(expect.objectContaining({ code: 'FOREIGN_FILE' }));
  });

  it('are named when they cannot be read', async () => {
    const path = join(folder, 'missing.safetensors');
    await expect(loadFlow(path)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', where: path });
    const bad = join(folder, 'bad.safetensors');
    await writeFile(bad, bytes.subarray(0, 99));
    await expect(loadFlow(bad)).rejects.toMatchObject({ code: 'CORRUPT_FILE', where: bad });
  });
});

it.each([
  [{ opsets: 17 }, '"opsets"'],
  [{ input: '' }, '"input"'],
  [{ opset: 17.5 }, '"opset"'],
])('export names the option that is wrong in %s', async (options, name) => {
  const model = defineFlow(noPreparation(3), actNorm(3), standardNormal(3));
  await expect(toOnnx({ model, weights: randomWeights(model, 1) }, options as object)).rejects.toThrow(name);
});

describe('export refuses', () => {
  it.each([
    ['an autoregressive inverse', inverse(autoregressiveAffine(3)), /one after the other/],
    ['an estimated log-determinant', residualBlock(3, { exactUpTo: 2 }), /estimated from 4 fixed probes/],
    [
      'one such link of a chain',
      chain([actNorm(3), residualBlock(3, { exactUpTo: 2 }), actNorm(3)]),
      /estimated from 4 fixed probes/,
    ],
    ['the inverse of an inverse link', chain([inverse(autoregressiveAffine(3)), actNorm(3)]), /passes/],
  ])('%s', async (_, bijection, reason) => {
    const model = defineFlow(noPreparation(3), bijection, standardNormal(3));
    const weights = randomWeights(model, 1);
    await expect(toOnnx({ model, weights })).rejects.toThrow(reason);
    await expect(toOnnx({ model, weights })).rejects.toMatchObject({ code: 'NOT_EXPORTABLE' });
  });
});
