import type { Block, Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';

/** The first block of the rows: enough for what depends on their shape alone. */
export async function firstBlock(training: Training): Promise<Block> {
  for await (const block of training.blocks()) return block;
  throw new DetectorsError('EMPTY_INPUT', {
    where: training.where,
    expected: 'at least one ID row to fit on',
    got: 'none',
  });
}
