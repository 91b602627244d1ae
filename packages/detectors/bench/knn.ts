// KNN beside scikit-learn's brute force on the same rows, in turn: `pnpm --filter @ood/detectors bench:knn`. Without a python3 that has
// scikit-learn, ours alone. A table in Markdown.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@ood/core';
import { fitKnn } from '../src/index.ts';
import { markdownTable, median } from './support/table.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '7000x128,50000x512' },
    queries: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '7' },
    k: { type: 'string', default: '50' },
  },
});
const [queries, rounds, k] = [Number(values.queries), Number(values.rounds), Number(values.k)];
const { uniform: random } = createRandom(1);

/** Features as behind a ReLU: half of them zero. */
function draw(rows: number, cols: number) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => Math.max(0, normal())) };
}

interface Times {
  /** Microseconds per query. */
  readonly wall: number;
  readonly processor: number;
}

interface Peer {
  readonly version: string;
  /** Sum of the k-th distances. */
  readonly sum: number;
  run(): Promise<Times>;
  close(): Promise<void>;
}

const lines: string[][] = [];
for (const size of values.sizes.split(',')) {
  const [rows, dim] = size.split('x').map(Number) as [number, number];
  const bank = draw(rows, dim);
  const asked = { features: draw(queries, dim) };
  const folder = await mkdtemp(join(tmpdir(), 'ood-knn-'));
  const files = [join(folder, 'bank'), join(folder, 'queries')] as const;
  await writeFile(files[0], bank.data);
  await writeFile(files[1], asked.features.data);
  for (const threads of values.threads.split(',').map(Number)) {
    const detector = await fitKnn({ features: bank }, { k, threads });
    const sum = (await detector.score(asked)).reduce((total, distance) => total + distance, 0);
    const peer = await startPeer(files, dim, threads);
    if (peer && Math.abs(peer.sum - sum) > 1e-4 * sum)
      throw new Error(`distances differ: ${sum}, ${peer.sum}`);
    const [ours, theirs]: [Times[], Times[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(() => detector.score(asked)));
      if (peer) theirs.push(await peer.run());
    }
    await detector.close();
    await peer?.close();
    const cells = (times: readonly Times[]) =>
      (['wall', 'processor'] as const).map(kind => median(times.map(time => time[kind])).toFixed(1));
    const ratio = (kind: keyof Times) =>
      median(ours.map((time, i) => time[kind] / theirs[i]![kind])).toFixed(2);
    lines.push([
      `${rows} × ${dim}, ${threads} thread(s)`,
      ...cells(ours),
      ...(peer ? [...cells(theirs), ratio('wall'), ratio('processor')] : ['–', '–', '–', '–']),
    ]);
    process.stderr.write(`${size}, ${threads} thread(s)${peer ? `, scikit-learn ${peer.version}` : ''}\n`);
  }
  await rm(folder, { recursive: true });
}
process.stdout.write(
  `${queries} queries, k = ${k}; medians of ${rounds} rounds in turn; µs per query; ratio: ours over theirs.\n\n${markdownTable(
    ['bank', 'ours, wall', 'processor', 'scikit-learn, wall', 'processor', 'ratio, wall', 'processor'],
    lines,
  )}\n`,
);

async function measure(run: () => Promise<unknown>): Promise<Times> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { wall: (1000 * (performance.now() - started)) / queries, processor: (user + system) / queries };
}

/** A Python process that holds the same rows and searches when asked; `undefined` where there is none. */
async function startPeer(
  files: readonly [string, string],
  dim: number,
  threads: number,
): Promise<Peer | undefined> {
  const script = fileURLToPath(new URL('knn-sklearn.py', import.meta.url));
  const child = spawn('python3', [script, ...files, ...[dim, k, threads].map(String)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>(resolve => {
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await answers.next();
  if (first.done) {
    process.stderr.write('no python3 with scikit-learn, numpy and threadpoolctl: ours alone\n');
    return undefined;
  }
  const [version, sum] = first.value.split(' ');
  return {
    version: version!,
    sum: Number(sum),
    run: async () => {
      child.stdin.write('\n');
      const [wall, processor] = (await answers.next()).value.split(' ').map(Number);
      return { wall: (1e6 * wall) / queries, processor: (1e6 * processor) / queries };
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
