import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom, isOodError, type Random } from '@ood/core';
import {
  cutModel,
  decodeModel,
  describeModel,
  encodeModel,
  flattenModel,
  graphOf,
  indexGraph,
  inferShapes,
  joinModels,
  type ModelProto,
  moveToExternalData,
  requireModestSizes,
  upgradeOpset,
  withoutQuantization,
} from '@ood/onnx';
import { hashModel, readModel } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { linearModel } from '../models.ts';
import { oddModels } from '../odd-models.ts';
import { mutateBytes, mutateModel } from './mutate.ts';

/** For a longer run: OOD_FUZZ_SECONDS=600. Shared by the tests of this file. */
const seconds = Number(process.env.OOD_FUZZ_SECONDS ?? 9);
const seed = process.env.OOD_FUZZ_SEED ?? 'onnx';

const folderOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const filesOf = (folder: string) => readdirSync(folder).map(name => readFileSync(join(folder, name)));
const corpus: readonly Uint8Array[] = [
  ...oddModels.map(({ model }) => encodeModel(model)),
  ...filesOf(folderOf('./corpus')),
  ...filesOf(folderOf('../hostile')),
];

/** Longest that any one input may take, in ms. */
const PATIENCE = 10_000;

function only(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isOodError(error)) throw error;
  }
}

/** Everything that this package does with a model without running it. */
function exercise(model: ModelProto): void {
  const graph = graphOf(model);
  only(() => JSON.stringify(describeModel(model)));
  only(() => requireModestSizes(model));
  only(() => inferShapes(model));
  const index = indexGraph(graph);
  for (const node of graph.node) for (const name of node.output) only(() => index.constant(name));
  for (const { name } of graph.output) only(() => cutModel(model, { outputs: [name] }));
  const inner = graph.node[0]?.output[0];
  if (inner !== undefined)
    only(() => cutModel(model, { outputs: graph.output.map(o => o.name), inputs: [inner] }));
  const output = graph.output[0]?.name ?? '';
  only(() => joinModels(model, linearModel(), { connect: { x: output } }));
  only(() => joinModels(linearModel(), model, { connect: { [graph.input[0]?.name ?? '']: 'y' } }));
  only(() => upgradeOpset(model, 21));
  only(() => describeModel(flattenModel(model)));
  only(() => describeModel(withoutQuantization(model)));
  only(() => moveToExternalData(model, { location: 'data', minBytes: 1 }));
  only(() => decodeModel(encodeModel(model)));
}

/** Runs a test on mutants for its share of the time; a failure names its number and holds its bytes. */
async function fuzz(
  name: string,
  share: number,
  test: (random: Random) => { readonly bytes: () => Uint8Array; readonly run: () => unknown },
): Promise<void> {
  const random = createRandom(seed, name);
  const end = Date.now() + 1000 * seconds * share;
  let tries = 0;
  for (; Date.now() < end || tries === 0; tries++) {
    const { bytes, run } = test(random);
    const start = Date.now();
    try {
      await run();
    } catch (cause) {
      const held = Buffer.from(bytes()).toString('base64');
      throw new Error(`${name}, seed ${seed}, try ${tries}: an error without a type; bytes ${held}`, {
        cause,
      });
    }
    expect(Date.now() - start, `${name}, seed ${seed}, try ${tries}`).toBeLessThan(PATIENCE);
  }
  if (process.env.OOD_FUZZ_SECONDS) process.stderr.write(`${name}: ${tries} tries\n`);
}

const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!;

describe('a damaged model meets nothing but typed errors', { timeout: 1000 * seconds + 60_000 }, () => {
  it('as it is', () => {
    for (const bytes of corpus) only(() => exercise(decodeModel(bytes)));
  });

  it('with other bytes', () =>
    fuzz('bytes', 0.4, random => {
      const bytes = mutateBytes(pick(corpus, random), corpus, random);
      return { bytes: () => bytes, run: () => only(() => exercise(decodeModel(bytes))) };
    }));

  it('with other fields', () => {
    const models = corpus.flatMap(bytes => {
      try {
        return [decodeModel(bytes)];
      } catch {
        return [];
      }
    });
    return fuzz('fields', 0.4, random => {
      const model = mutateModel(pick(models, random), random);
      return { bytes: () => encodeModel(model), run: () => exercise(model) };
    });
  });

  it('in a file, with external data', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ood-fuzz-'));
    const path = join(folder, 'model.onnx');
    await writeFile(join(folder, 'big.bin'), '');
    await truncate(join(folder, 'big.bin'), 2 ** 20);
    const sources = [readFileSync(folderOf('../hostile/amp.onnx'))].flatMap(bytes => {
      const model = decodeModel(bytes);
      return [
        bytes,
        encodeModel(moveToExternalData(linearModel(), { location: 'big.bin', minBytes: 1 }).model),
        encodeModel(model),
      ];
    });
    await fuzz('files', 0.2, random => {
      const bytes = mutateBytes(pick(sources, random), corpus, random);
      const run = async () => {
        await writeFile(path, bytes);
        for (const read of [readModel, hashModel]) {
          await read(path).catch((error: unknown) => {
            if (!isOodError(error)) throw error;
          });
        }
      };
      return { bytes: () => bytes, run };
    });
    await rm(folder, { recursive: true });
  });
});
