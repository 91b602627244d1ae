// Fit time and cost per sample of every detector on synthetic features: `pnpm --filter @ood/detectors bench:cost`. A table in Markdown.

import { parseArgs } from 'node:util';
import { createRandom, type Matrix } from '@ood/core';
import { detectorNames, fitDetector, type Head } from '../src/index.ts';
import { markdownTable, median } from './support/table.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '7000' },
    dim: { type: 'string', default: '128' },
    classes: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
  },
});
const [rows, dim, classes] = [Number(values.rows), Number(values.dim), Number(values.classes)];
const threads = Number(values.threads);
const { uniform: random } = createRandom(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const centers = Float32Array.from({ length: classes * dim }, () => Math.max(0, 2 * normal()));
const weights: Matrix = { rows: classes, cols: dim, data: centers.map(value => value / dim) };
const head: Head = { weights, bias: new Float32Array(classes).map(normal) };

/** Rows around class centers, cut at 0 as behind a ReLU, with the head's logits. */
function draw(count: number) {
  const labels = Int32Array.from({ length: count }, () => Math.floor(random() * classes));
  const features = new Float32Array(count * dim);
  const logits = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dim; i++) {
      features[row * dim + i] = Math.max(0, centers[labels[row]! * dim + i]! + normal());
    }
    for (let c = 0; c < classes; c++) {
      let sum = head.bias[c]!;
      for (let i = 0; i < dim; i++) sum += features[row * dim + i]! * weights.data[c * dim + i]!;
      logits[row * classes + c] = sum;
    }
  }
  return {
    features: { rows: count, cols: dim, data: features },
    logits: { rows: count, cols: classes, data: logits },
    labels,
  };
}

const train = draw(rows);
const queries = draw(2000);
const one = draw(1);
const names = values.only === '' ? detectorNames : values.only.split(',');
const lines: string[][] = [];
for (const name of names) {
  const epochs = name.startsWith('fde') ? { epochs: 1 } : {};
  const texts = name === 'neglabel' ? { idLabels: Math.ceil(classes / 2), keptShare: 1 } : {};
  const started = performance.now();
  const detector = await fitDetector(name, train, { head, threads, ...epochs, ...texts });
  const fit = performance.now() - started;
  await detector.score(queries);
  const batch = await leastProcessorTime(4, () => detector.score(queries));
  const single = await medianTime(300, () => detector.score(one));
  const bytes = detector.encode().length;
  lines.push([
    `\`${name}\``,
    (fit / 1000).toFixed(2),
    ((1000 * batch) / 2000).toFixed(1),
    (1000 * single).toFixed(0),
    (bytes / 2 ** 20).toFixed(2),
  ]);
  await detector.close();
  process.stderr.write(`${name}\n`);
}
process.stdout.write(
  `${rows} ID rows, ${dim} features, ${classes} classes, ${threads} thread(s); flows trained for one epoch.\n\n${markdownTable(
    ['detector', 'fit, s', 'µs per row of 2000 (processor time)', 'µs, one row', 'file, MB'],
    lines,
  )}\n`,
);

/** The least processor time of several runs, in milliseconds: fair on a busy machine. */
async function leastProcessorTime(times: number, run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** The median of several times, in milliseconds. */
async function medianTime(times: number, run: () => Promise<unknown>): Promise<number> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await run();
    found.push(performance.now() - started);
  }
  return median(found);
}
