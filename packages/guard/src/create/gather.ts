import { type Backbone, extractBatches } from '@ood/features';
import { isHeldOut } from '../calibration/hold-out.ts';
import type { CreateGuardOptions } from './options.ts';
import type { openHead } from './row-scorer.ts';
import { blocksOf, type FeatureRows, type FeatureStream, isExtracted, pickRows, stackRows } from './rows.ts';

/** Share of the fitting rows that calibrates where no other rows do. */
const HELD_OUT = 0.2;

/** The training rows, parted. */
export interface Gathered {
  readonly fit: FeatureRows | FeatureStream;
  /** Rows held out of the fit for calibration; absent where calibration rows were given. */
  readonly held?: FeatureRows;
}

/** Runs the backbone on the training samples, or takes the rows extracted before, and holds out what calibration needs. */
export async function gather(
  backbone: Backbone,
  train: NonNullable<CreateGuardOptions['train']>,
  options: CreateGuardOptions & { readonly head?: Awaited<ReturnType<typeof openHead>> | undefined },
): Promise<Gathered> {
  const { seed = 1, calibration, head } = options;
  const drawn = (row: number) => isHeldOut(row, { seed, fraction: HELD_OUT });
  const isFitted = calibration ? () => true : (row: number) => !drawn(row);
  const complete = async (rows: FeatureRows) => (head ? head.complete(rows) : rows);

  if (isExtracted(train) && 'open' in train) {
    const fit = { open: () => parted(train, isFitted, complete) };
    if (calibration) return { fit };
    const held: FeatureRows[] = [];
    for await (const block of parted(train, drawn, complete)) held.push(block);
    return { fit, held: stackRows(held) };
  }
  const whole = isExtracted(train)
    ? await complete(train)
    : stackRows(await extractAll(backbone, train, options));
  const fit = pickRows(whole, 0, isFitted);
  return calibration ? { fit } : { fit, held: pickRows(whole, 0, drawn) };
}

async function* parted(
  source: FeatureStream,
  keep: (row: number) => boolean,
  complete: (rows: FeatureRows) => Promise<FeatureRows>,
): AsyncGenerator<FeatureRows> {
  let first = 0;
  for await (const block of blocksOf(source)) {
    const part = pickRows(block, first, keep);
    first += block.features.rows;
    if (part.features.rows > 0) yield await complete(part);
  }
}

async function extractAll(
  backbone: Backbone,
  samples: Exclude<NonNullable<CreateGuardOptions['train']>, FeatureRows | FeatureStream>,
  { preprocessing, signal, onProgress, now }: CreateGuardOptions,
): Promise<FeatureRows[]> {
  const blocks: FeatureRows[] = [];
  const batches = extractBatches(backbone, samples, {
    ...(preprocessing && { preprocessing }),
    ...(signal && { signal }),
    ...(now && { now }),
    onProgress: ({ done, total, imagesPerSecond, failures }) =>
      onProgress?.({
        stage: 'extracting',
        failures,
        ...(total !== undefined && { fraction: done / total }),
        ...(imagesPerSecond !== undefined && { imagesPerSecond }),
      }),
  });
  for await (const { features, logits, labels } of batches) {
    if (features.rows > 0) blocks.push({ features, ...(logits && { logits }), labels });
  }
  return blocks;
}
