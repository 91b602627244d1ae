import { setTimeout } from 'node:timers/promises';
import { extractToStore } from '../../src/index.ts';
import { describedModel } from '../models.ts';
import { colors, small, streamed } from '../samples.ts';

/** `node extract-slowly.ts store.arrow COUNT DELAY`: a store of COUNT images, DELAY ms per batch of 4; prints the rows done. */
const [path, count, delay] = process.argv.slice(2);
const model = describedModel({
  onRun: async () => {
    await setTimeout(Number(delay));
  },
});
try {
  await extractToStore(path!, model, streamed(await colors(Number(count))), {
    preprocessing: small,
    batchSize: 4,
    rowsPerBatch: 4,
    onProgress: ({ rows }) => process.stdout.write(`${rows}\n`),
  });
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
  process.exitCode = 3;
}
