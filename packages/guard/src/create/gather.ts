import { type Backbone, extractBatches, type Failure } from '@ood/features';
import { isHeldOut } from '../calibration/hold-out.ts';
import type { GraphShape } from '../graph/score-graph.ts';
import { checkedBlocks } from './check-rows.ts';
import { extraction } from './extraction.ts';
import { type CreateGuardOptions, noneUsable } from './options.ts';
import type { openHead } from './row-scorer.ts';
import { type FeatureRows, type FeatureStream, isExtracted, joinBlocks, keepRows } from './rows.ts';

/** Share of the fitting rows that calibrates where no other rows do. */
const HELD_OUT = 0.2;

/** The training rows, parted. */
export interface Gathered {
  readonly fit: FeatureRows | FeatureStream;
  /** Rows held out of the fit for calibration; absent where calibration rows were given. */
  readonly held?: FeatureRows;
  /** Samples that gave no row. */
  readonly refused: number;
}

export interface GatherOptions extends CreateGuardOptions {
  readonly head?: Awaited<ReturnType<typeof openHead>> | undefined;
  readonly shape: GraphShape;
}

/** Runs the backbone on the training samples, or takes the rows extracted before, and holds out what calibration needs. */
export async function gather(
  backbone: Backbone,
  train: NonNullable<CreateGuardOptions['train']>,
  options: GatherOptions,
): Promise<Gathered> {
  const { seed = 1, calibration, head, shape } = options;
  const drawn = (row: number) => isHeldOut(row, { seed, fraction: HELD_OUT });
  const isFitted = calibration ? () => true : (row: number) => !drawn(row);
  const complete = async (rows: FeatureRows) => (head ? head.complete(rows) : rows);
  let finite = true;
  const checked = (rows: FeatureRows | FeatureStream) =>
    checkedBlocks(rows, { option: 'train', shape, finite });

  if (isExtracted(train) && 'open' in train) {
    const held: FeatureRows[] = [];
    const keepHeld = calibration ? () => false : drawn;
    for await (const block of parted(checked(train), keepHeld, complete)) held.push(block);
    finite = false;
    const fit = { open: () => parted(checked(train), isFitted, complete) };
    return { fit, refused: 0, ...(!calibration && { held: joinBlocks(held) }) };
  }
  let refused = 0;
  let whole: FeatureRows;
  if (isExtracted(train)) {
    for await (const _ of checked(train));
    whole = await complete(train);
  } else {
    const extracted = await extractAll(backbone, train, options);
    ({ refused } = extracted);
    whole = joinBlocks(extracted.blocks);
  }
  const fit = keepRows(whole, 0, isFitted);
  return { fit, refused, ...(!calibration && { held: keepRows(whole, 0, drawn) }) };
}

async function* parted(
  blocks: AsyncIterable<FeatureRows>,
  keep: (row: number) => boolean,
  complete: (rows: FeatureRows) => Promise<FeatureRows>,
): AsyncGenerator<FeatureRows> {
  let first = 0;
  for await (const block of blocks) {
    const part = keepRows(block, first, keep);
    first += block.features.rows;
    if (part.features.rows > 0) yield await complete(part);
  }
}

async function extractAll(
  backbone: Backbone,
  samples: Exclude<NonNullable<CreateGuardOptions['train']>, FeatureRows | FeatureStream>,
  options: CreateGuardOptions,
): Promise<{ readonly blocks: FeatureRows[]; readonly refused: number }> {
  const blocks: FeatureRows[] = [];
  const refusals: Failure[] = [];
  const batches = extractBatches(backbone, samples, extraction('extracting', options));
  for await (const { features, logits, labels, failures } of batches) {
    refusals.push(...failures);
    if (features.rows > 0) blocks.push({ features, ...(logits && { logits }), labels });
  }
  if (blocks.length === 0) throw noneUsable('train', refusals);
  return { blocks, refused: refusals.length };
}
