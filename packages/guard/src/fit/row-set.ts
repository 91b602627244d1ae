import { extractBatches, type Failure, type SampleDigest, type Samples, sampleDigester } from '@ood/features';
import { joinPrints, type RowPrints, rowPrinter } from '../calibration/row-prints.ts';
import { checkedBlocks } from './check-rows.ts';
import type { OpenModel } from './open-model.ts';
import { noneUsable } from './options.ts';
import {
  blocksOf,
  type FeatureRows,
  type FeatureStream,
  type GuardRows,
  isExtracted,
  joinBlocks,
  keepRows,
} from './rows.ts';

/** The sample that made a row. */
export interface RowSample extends SampleDigest {
  readonly id: string;
}

/** ID rows, checked and with logits, in memory or streamed; and what tells equal ones. */
export interface RowSet {
  readonly rows: FeatureRows | FeatureStream;
  readonly prints: RowPrints;
  /** Ids of the samples and digests of what they hold, where samples made the rows. */
  readonly samples: readonly RowSample[] | undefined;
  /** Samples that gave no row. */
  readonly refused: number;
}

/**
 * Runs the backbone on samples, or takes rows extracted before.
 *
 * @throws GuardError `WRONG_SHAPE`, `NON_FINITE`, `TOO_FEW` for a source of which nothing can be used; whatever reading it throws
 */
export async function readRows(
  open: OpenModel,
  source: GuardRows,
  option: 'train' | 'calibration',
): Promise<RowSet> {
  return isExtracted(source) ? takeRows(open, source, option) : extractRows(open, source, option);
}

async function takeRows(
  { shape, head }: OpenModel,
  source: FeatureRows | FeatureStream,
  option: 'train' | 'calibration',
): Promise<RowSet> {
  const print = rowPrinter();
  const prints: RowPrints[] = [];
  for await (const { features } of checkedBlocks(source, { option, shape })) prints.push(print(features));
  async function* open() {
    for await (const block of checkedBlocks(source, { option, shape, finite: false }))
      yield head.complete(withoutGaps(block));
  }
  const rows = 'open' in source ? { open } : await head.complete(withoutGaps(source));
  return { rows, prints: joinPrints(prints), samples: undefined, refused: 0 };
}

async function extractRows(
  { backbone, options }: OpenModel,
  source: Samples,
  option: 'train' | 'calibration',
): Promise<RowSet> {
  const { preprocessing, signal, now, report } = options;
  const blocks: FeatureRows[] = [];
  const prints: RowPrints[] = [];
  const samples: RowSample[] = [];
  const refusals: Failure[] = [];
  const digests: SampleDigest[] = [];
  const print = rowPrinter();
  const batches = extractBatches(backbone, digesting(source, digests), {
    ...(preprocessing && { preprocessing }),
    ...(signal && { signal }),
    ...(now && { now }),
    onProgress: ({ done, total, imagesPerSecond, failures }) =>
      report({
        stage: 'extracting',
        part: option,
        done,
        failures,
        ...(total !== undefined && { total }),
        ...(imagesPerSecond !== undefined && { imagesPerSecond }),
      }),
  });
  for await (const { features, logits, labels, ids, indices, failures } of batches) {
    refusals.push(...failures);
    if (features.rows === 0) continue;
    blocks.push(withoutGaps({ features, ...(logits && { logits }), labels }));
    prints.push(print(features));
    ids.forEach((id, row) => {
      samples.push({ id, ...digests[indices[row]!]! });
    });
  }
  if (blocks.length === 0) throw noneUsable(option, refusals);
  return { rows: joinBlocks(blocks), prints: joinPrints(prints), samples, refused: refusals.length };
}

/** The rows of a set that are wanted. */
export function subsetOf(set: RowSet, isWanted: (row: number) => boolean): RowSet {
  const { rows, prints, samples, refused } = set;
  const wanted = Array.from({ length: prints.rows }, (_, row) => row).filter(isWanted);
  if (wanted.length === prints.rows) return set;
  const width = prints.values.length / prints.rows;
  async function* open() {
    let first = 0;
    for await (const block of blocksOf(rows)) {
      const kept = Array.from({ length: block.features.rows }, (_, row) => row).filter(row =>
        isWanted(first + row),
      );
      first += block.features.rows;
      if (kept.length > 0) yield keepRows(block, kept);
    }
  }
  return {
    rows: 'open' in rows ? { open } : keepRows(rows, wanted),
    prints: {
      rows: wanted.length,
      values: Float64Array.from(
        { length: wanted.length * width },
        (_, i) => prints.values[wanted[Math.floor(i / width)]! * width + (i % width)]!,
      ),
    },
    samples: samples && wanted.map(row => samples[row]!),
    refused,
  };
}

/** The samples, with the digest of each one noted by its position. */
function digesting(samples: Samples, digests: SampleDigest[]): Samples {
  const digestOf = sampleDigester();
  return {
    length: samples.length,
    async *[Symbol.asyncIterator]() {
      let position = 0;
      for await (const sample of samples) {
        digests[position++] = digestOf(sample);
        yield sample;
      }
    },
  };
}

/** Rows with features, logits and labels alone; labels only where every row has one. */
function withoutGaps({ features, logits, labels }: FeatureRows): FeatureRows {
  return {
    features,
    ...(logits && { logits }),
    ...(labels?.every(label => label >= 0) && { labels }),
  };
}
