/**
 * Trains on a stream of synthetic rows and prints the largest resident size, at the full length and at a tenth of it. All
 * rows are read once before training starts; after the steps asked for, memory no longer grows and training is stopped.
 *
 *     pnpm --filter @ood/flows bench:memory [--preset glow|fde] [--rows 300000] [--cols 2048] [--steps 10]
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@ood/core';
import { fde } from '../src/presets/fde.ts';
import { glow } from '../src/presets/glow.ts';
import { normalArray } from '../src/random.ts';
import { fit } from '../src/training/fit.ts';
import type { RowStream } from '../src/training/source.ts';
import { print } from './support/timing.ts';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'glow' },
    rows: { type: 'string', default: '300000' },
    cols: { type: 'string', default: '2048' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    alone: { type: 'boolean', default: false },
  },
});
const [rows, cols, steps, threads] = [values.rows, values.cols, values.steps, values.threads].map(Number) as [
  number,
  number,
  number,
  number,
];

/** Rows that all differ, in batches of 500, in the memory of one batch. */
function synthetic(): RowStream {
  const base = normalArray(500 * cols, createRandom(1)).map(Math.abs);
  return {
    *open() {
      const data = new Float32Array(base.length);
      for (let start = 0; start < rows; start += 500) {
        const count = Math.min(500, rows - start);
        const shift = Math.sin(start);
        for (let i = 0; i < count * cols; i++) data[i] = Math.abs(base[i]! + shift);
        yield { rows: count, cols, data: data.subarray(0, count * cols) };
      }
    },
  };
}

async function measure(): Promise<number> {
  const abort = new AbortController();
  const done = new Error('enough');
  const options = {
    signal: abort.signal,
    threads,
    onProgress: ({ done: step }: { done: number }) => step === steps && abort.abort(done),
  };
  const preset = values.preset === 'fde' ? fde() : glow();
  await fit(preset, synthetic(), options).catch((error: unknown) => {
    if (error !== done) throw error;
  });
  return process.resourceUsage().maxRSS / 2 ** 20;
}

if (values.alone) print({ residentGiB: await measure() });
else {
  const run = (count: number): number => {
    const { preset } = values;
    const child = {
      preset,
      rows: String(count),
      cols: String(cols),
      steps: String(steps),
      threads: String(threads),
    };
    const args = Object.entries(child).flatMap(([name, value]) => [`--${name}`, value]);
    const command = [...process.execArgv, fileURLToPath(import.meta.url), ...args, '--alone'];
    const out = execFileSync(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(out.toString()).residentGiB;
  };
  const [full, tenth] = [run(rows), run(rows / 10)];
  print({
    bench: 'streaming-memory',
    preset: values.preset,
    rows,
    cols,
    residentGiB: full,
    residentGiBAtATenth: tenth,
  });
}
