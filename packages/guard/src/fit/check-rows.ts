import { type Matrix, nonFiniteRows } from '@ood/core';
import {
  type Backbone,
  type FixedInputs,
  hashPreprocessing,
  type LayerPart,
  type Preprocessing,
  type PreprocessingSummary,
} from '@ood/features';
import { GuardError, type GuardErrorCode } from '../errors.ts';
import type { GraphShape } from '../graph/score-graph.ts';
import { blocksOf, type FeatureRows, type FeatureStream } from './rows.ts';

export interface CheckRowsOptions {
  /** `train` or `calibration`, for errors. */
  readonly option: string;
  readonly shape: Pick<GraphShape, 'featureSize' | 'classes'>;
  /** Whether to look for NaN and infinity; once is enough for rows that are read several times. Default: true. */
  readonly finite?: boolean;
}

/**
 * Extracted rows block by block, each checked: as wide as the backbone's, complete, finite.
 *
 * @throws GuardError `WRONG_SHAPE`, `NON_FINITE` with the number of the first bad row among all
 */
export async function* checkedBlocks(
  rows: FeatureRows | FeatureStream,
  { option, shape: { featureSize, classes }, finite = true }: CheckRowsOptions,
): AsyncGenerator<FeatureRows> {
  let first = 0;
  for await (const block of blocksOf(rows)) {
    const { features, logits, labels } = block;
    if (!isMatrix(features) || (logits !== undefined && !isMatrix(logits))) {
      const expected = 'matrices { rows, cols, data } of features and logits';
      throw bad('WRONG_SHAPE', option, expected, 'something else', 'give what extraction returns');
    }
    const wanted = { option, rows: features.rows, first, finite };
    checkMatrix(features, { ...wanted, name: 'features', cols: featureSize });
    if (logits) checkMatrix(logits, { ...wanted, name: 'logits', cols: classes ?? logits.cols });
    if (labels && labels.length !== features.rows) {
      const expected = `one label for each of ${features.rows} rows`;
      throw bad('WRONG_SHAPE', option, expected, `${labels.length}`, 'leave labels out');
    }
    first += features.rows;
    yield block;
  }
}

/** @throws GuardError `FOREIGN_ROWS` for features that another model, layer or preprocessing made */
export function checkProvenance(rows: object, { option, backbone, preprocessing }: ProvenanceOptions): void {
  const made = (rows as Partial<FeatureStream>).provenance;
  if (made === undefined) return;
  const { model, layer, pooling, layers, fixedInputs } = backbone.describe();
  const tensors = (parts: readonly LayerPart[] | undefined) =>
    parts?.map(({ tensor }) => tensor).join(', ') ?? layer;
  const fixed = (inputs: FixedInputs | undefined) => JSON.stringify(Object.entries(inputs ?? {}).sort());
  const hashOf = (value: Preprocessing | PreprocessingSummary | null | undefined) =>
    value ? hashPreprocessing(value) : 'none';
  for (const [what, wanted, got] of [
    ['the model with SHA-256', model.sha256, made.model.sha256],
    ['layer', layer, made.model.layer],
    ['pooling', pooling, made.model.pooling],
    ['the layers', tensors(layers), tensors(made.model.layers)],
    ['the fixed inputs', fixed(fixedInputs), fixed(made.model.inputs)],
    ['the preprocessing with SHA-256', hashOf(preprocessing), hashOf(made.preprocessing)],
  ] as const) {
    if (wanted === got) continue;
    const advice = 'extract them anew, or name what made them';
    throw bad('FOREIGN_ROWS', option, `features of ${what} ${wanted}`, `those of ${got}`, advice);
  }
}

interface ProvenanceOptions {
  readonly option: string;
  readonly backbone: Pick<Backbone, 'describe'>;
  readonly preprocessing: Preprocessing | undefined;
}

interface Wanted {
  readonly option: string;
  readonly name: string;
  readonly cols: number;
  readonly rows: number;
  /** Number of the block's first row among all. */
  readonly first: number;
  readonly finite: boolean;
}

function checkMatrix(matrix: Matrix, { option, name, cols, rows, first, finite }: Wanted): void {
  const advice = 'give rows that this model and layer made';
  if (matrix.cols !== cols)
    throw bad('WRONG_SHAPE', option, `${name} of ${cols} columns`, `${matrix.cols}`, advice);
  if (matrix.rows !== rows || matrix.data.length !== rows * cols) {
    const got = `${matrix.rows} rows and ${matrix.data.length} numbers`;
    throw bad('WRONG_SHAPE', option, `${name} of ${rows} rows of ${cols}`, got, advice);
  }
  if (!finite) return;
  const { count, first: firstBad } = nonFiniteRows(matrix);
  if (count === 0) return;
  throw bad(
    'NON_FINITE',
    option,
    `finite ${name}`,
    `NaN or infinity in ${count} of ${rows} rows, the first in row ${first + firstBad}`,
    'leave these rows out, or find out why the backbone produced them',
    { count, firstRow: first + firstBad },
  );
}

function isMatrix(value: unknown): value is Matrix {
  const { rows, cols, data } = (value ?? {}) as Partial<Matrix>;
  const isSize = (size: unknown) => Number.isSafeInteger(size) && Number(size) >= 0;
  return isSize(rows) && isSize(cols) && (data instanceof Float32Array || data instanceof Float64Array);
}

function bad(
  code: GuardErrorCode,
  option: string,
  expected: string,
  got: string,
  advice: string,
  details: Readonly<Record<string, unknown>> = {},
): GuardError {
  return new GuardError(code, {
    where: `fitGuard: ${option}`,
    expected,
    got,
    advice,
    details: { option, ...details },
  });
}
