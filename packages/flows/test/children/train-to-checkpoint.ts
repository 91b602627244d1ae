/** Trains with a checkpoint file; says each step on stdout, and at the end the digest of what came out, or what went wrong. Run as a child. */
import { glow } from '../../src/index.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { bytesOf, clusters } from '../support/rows.ts';

const [path] = process.argv.slice(2);
const rows = clusters({ rows: 400, cols: 8, seed: 4 });
const said = await trainPreset(glow({ blocks: 2 }), rows, {
  epochs: 20,
  batchSize: 40,
  learningRate: 1e-3,
  averaging: 0.95,
  clipNorm: 3,
  noise: 0.1,
  validationFraction: 0.1,
  validateEvery: 7,
  interpolation: 0.7,
  threads: 1,
  ...(path ? { checkpoint: { path, everySteps: 4 } } : {}),
  onProgress: ({ done }) => process.stdout.write(`${JSON.stringify({ done })}\n`),
}).then(
  ({ weights, history }) => ({ weights: bytesOf(weights), history }),
  (error: Error) => ({ error: { ...error, name: error.name } }),
);
process.stdout.write(`${JSON.stringify(said)}\n`);
