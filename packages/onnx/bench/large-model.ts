/**
 * A model beyond the 2 GiB that one file can hold: written with external data, hashed, read back, run from its path and from
 * memory.
 *
 *     npm run bench:large             # prints one JSON document; needs about 3 GB of disk and 8 GB of memory
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphOf, makeGraph, makeModel, makeNode, openModel, type Session, type Tensor } from '@ood/onnx';
import { hashModel, nodeRuntime, readModel, writeModel } from '@ood/onnx/node';

const TABLES = 23;
const ROWS = 1000;
const COLS = 25_000;

const tables = Object.fromEntries(
  Array.from({ length: TABLES }, (_, t): [string, Tensor] => {
    const data = new Float32Array(ROWS * COLS).fill(t);
    return [`table${t}`, { type: 'float32', dims: [ROWS, COLS], data }];
  }),
);
const model = makeModel(
  makeGraph('large', {
    inputs: [{ name: 'row', type: 'int64', dims: [1] }],
    outputs: [{ name: 'sum', type: 'float32', dims: [1, COLS] }],
    nodes: [
      ...Object.keys(tables).map(name =>
        makeNode('Gather', { inputs: [name, 'row'], outputs: [`${name}.row`] }),
      ),
      makeNode('Sum', { inputs: Object.keys(tables).map(name => `${name}.row`), outputs: ['sum'] }),
    ],
    initializers: tables,
  }),
);

const seconds: Record<string, number> = {};
async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  seconds[name] = Number(((performance.now() - start) / 1000).toFixed(2));
  return result;
}

async function check(session: Session): Promise<void> {
  const { sum } = await session.run({ row: { type: 'int64', dims: [1], data: BigInt64Array.of(3n) } });
  const expected = (TABLES * (TABLES - 1)) / 2;
  if (!(sum!.data as Float32Array).every(value => value === expected))
    throw new Error(`sum is not ${expected}`);
  await session.close();
}

const folder = await mkdtemp(join(tmpdir(), 'ood-large-'));
try {
  const path = join(folder, 'large.onnx');
  await timed('write', () => writeModel(path, model));
  const bytes = (await stat(path)).size + (await stat(`${path}.data`)).size;
  const { sha256 } = await timed('hash', () => hashModel(path));
  await timed('run from path', async () => check(await nodeRuntime.createSession(path, { threads: 1 })));
  const read = await timed('read', () => readModel(path));
  await timed('run from memory', async () => check(await openModel(nodeRuntime, read, { threads: 1 })));
  const tensors = graphOf(read).initializer.length;
  process.stdout.write(`${JSON.stringify({ bytes, tensors, sha256, seconds }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
