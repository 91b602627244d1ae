import { type Block, noRows, type Training } from '../contract/training.ts';

/** The first block of the rows: enough for what depends on their shape alone. */
export async function firstBlock(training: Training): Promise<Block> {
  for await (const block of training.blocks()) return block;
  throw noRows(training.where);
}
