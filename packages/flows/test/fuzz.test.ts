import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checksum, createRandom, decodeSafetensors, encodeSafetensors } from '@ood/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { fuzz, fuzzSeconds, mutateBytes, mutateValue } from '../../../tooling/vitest/fuzz.ts';
import type { NamedArrays } from '../src/contract/arrays.ts';
import type { TrainingEngine } from '../src/engine/training-engine.ts';
import {
  chain,
  createFlow,
  decodeFlow,
  defineFlow,
  encodeFlow,
  gaussianMixture,
  normalize,
  sequence,
} from '../src/index.ts';
import { randomWeights } from '../src/laws/random-weights.ts';
import { encodeCheckpoint } from '../src/training/checkpoint.ts';
import { checkpointFile } from '../src/training/checkpoint-file.ts';
import { initialState } from '../src/training/training-state.ts';
import { bijections } from './support/bijection-table.ts';
import { useQuietCpu } from './support/eager.ts';

/** For a longer run: OOD_FUZZ_SECONDS=600. Shared by the tests of this file. */
const seconds = fuzzSeconds(6);
const dim = 4;
let folder = '';
beforeAll(async () => {
  await useQuietCpu();
  folder = await mkdtemp(join(tmpdir(), 'flows-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('damaged files meet nothing but typed errors', { timeout: 1000 * seconds + 120_000 }, () => {
  const rows = { rows: 2, cols: dim, data: Float32Array.of(1, 2, 3, 4, -1, 0, 1, 0.5) };
  /** Reads a flow and scores with it. */
  const read = async (bytes: Uint8Array) => {
    const flow = decodeFlow(bytes, { engine: 'tfjs' });
    if (flow.model.inputDim === dim) await flow.logProb(rows);
    await flow.close();
  };
  const flows = bijections.map(([, make]) => {
    const model = defineFlow(
      sequence([normalize(dim)]),
      chain([make(dim)]),
      gaussianMixture(dim, { components: 2 }),
    );
    const flow = createFlow(model, randomWeights(model, 8), { about: { preset: 'test' } });
    return encodeFlow(flow);
  });

  it('flows, their bytes', () =>
    fuzz({
      name: 'flow bytes',
      seconds: seconds / 4,
      corpus: flows,
      mutate: (bytes, random) => mutateBytes(bytes, flows, random),
      read,
    }));

  it('flows, their descriptions, under the checksum that they then have', () => {
    const corpus = flows.map(bytes => {
      const { metadata, arrays } = decodeSafetensors(bytes, 'a flow');
      return { metadata, arrays, description: JSON.parse(metadata.description!) as unknown };
    });
    return fuzz({
      name: 'flow descriptions',
      seconds: seconds / 4,
      corpus,
      mutate: ({ description, ...others }, random) => ({
        ...others,
        description: mutateValue(description, random),
      }),
      read({ metadata, arrays, description }) {
        const text = JSON.stringify(description) ?? '';
        const sum = new Checksum().text(text);
        for (const [name, { shape, data }] of Object.entries(arrays as NamedArrays))
          sum.text(`${name} ${shape}`).numbers(data);
        const about = { ...metadata, description: text, checksum: sum.digest() };
        return read(encodeSafetensors({ metadata: about, arrays }));
      },
    });
  });

  const random = createRandom(3);
  const named = (): NamedArrays => ({
    'a.weight': { shape: [2, 3], data: Float32Array.from({ length: 6 }, random.normal) },
    'a.bias': { shape: [3], data: Float32Array.from({ length: 3 }, random.normal) },
  });
  const held = { value: named(), first: named(), second: named() };
  const engine = {
    read: async (kind: keyof typeof held) => held[kind] ?? {},
    write: async () => undefined,
  } as unknown as TrainingEngine;
  const identity = { rows: '1x1', settings: { seed: 1 }, model: { preset: 'test' } };
  const record = { step: 3, epoch: 1, loss: 0.5 };
  const state = {
    ...initialState(),
    step: 3,
    epochs: [{ epoch: 1, steps: 3, loss: 1 }],
    validations: [record],
    best: record,
  };
  const restore = async (bytes: Uint8Array) => {
    const path = join(folder, 'a.checkpoint');
    await writeFile(path, bytes);
    await checkpointFile(path, identity).restore(engine);
  };
  const bytesOf = (said: unknown, arrays = held as object) => {
    const { head, arrays: list } = encodeCheckpoint(arrays, said as typeof state, identity);
    return Buffer.concat([head, ...list.map(({ data }) => new Uint8Array(data.buffer))]);
  };

  it('checkpoints of training, their bytes', () => {
    const corpus: Uint8Array[] = [
      bytesOf(state),
      bytesOf(initialState(), { ...held, best: named(), start: named() }),
    ];
    return fuzz({
      name: 'checkpoint bytes',
      seconds: seconds / 4,
      corpus,
      mutate: (bytes, random) => mutateBytes(bytes, corpus, random),
      read: restore,
    });
  });

  it('checkpoints of training, their states and arrays, under the checksums that they then have', () =>
    fuzz<{ readonly state: unknown; readonly arrays: object }>({
      name: 'checkpoint states',
      seconds: seconds / 4,
      corpus: [
        { state, arrays: held },
        { state, arrays: { ...held, best: named() } },
        { state, arrays: { ...held, average: named() } },
        { state, arrays: { ...held, strange: named() } },
        { state, arrays: { value: held.value } },
      ],
      mutate: ({ state, arrays }, random) => ({ state: mutateValue(state, random), arrays }),
      read: ({ state, arrays }) => restore(bytesOf(state, arrays)),
    }));
});
