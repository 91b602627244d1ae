import { argmaxRows, type LabeledRows, type Matrix, nonFiniteRows, type Rows } from '@ood/core';
import { DetectorsError } from '../errors.ts';
import type { Need } from './rows.ts';

export interface RequiredMatrix {
  readonly cols?: number | undefined;
  /** Number of the first of these rows among all, for errors. Default: 0. */
  readonly firstRow?: number;
}

/** Returns the part of the rows that a method needs, checked: present, of the right width, all finite. */
export function requireMatrix(
  where: string,
  rows: Rows,
  need: 'features' | 'logits',
  { cols, firstRow = 0 }: RequiredMatrix = {},
): Matrix {
  const matrix = rows[need];
  if (matrix === undefined) throw missing(where, need, rows);
  if (cols !== undefined && matrix.cols !== cols) {
    throw new DetectorsError('WRONG_SHAPE', {
      where,
      expected: `${need} with ${cols} columns, as fitted`,
      got: `${matrix.cols}`,
      advice: 'score rows of the same backbone and layer as the detector was fitted on',
      details: { need, cols: matrix.cols, expectedCols: cols },
    });
  }
  if (matrix.data.length !== matrix.rows * matrix.cols) {
    throw new DetectorsError('WRONG_SHAPE', {
      where,
      expected: `${matrix.rows} × ${matrix.cols} = ${matrix.rows * matrix.cols} numbers of ${need}`,
      got: `${matrix.data.length}`,
    });
  }
  requireFinite(where, need, matrix, firstRow);
  return matrix;
}

/** Class of each row: the labels, or the argmax of the logits where there are none. */
export function requireLabels(where: string, rows: LabeledRows, count: number): Int32Array {
  const { labels } = rows;
  if (labels === undefined) {
    if (rows.logits === undefined) throw missing(where, 'labels', rows);
    return argmaxRows(requireMatrix(where, rows, 'logits'));
  }
  const bad = labels.findIndex(label => label < 0);
  if (bad !== -1) {
    throw new DetectorsError('WRONG_SHAPE', {
      where,
      expected: 'labels from 0',
      got: `${labels[bad]} at row ${bad} of ${count}`,
      advice: 'leave rows without a class out',
    });
  }
  return labels;
}

function requireFinite(where: string, need: Need, matrix: Matrix, firstRow: number): void {
  const { count, first } = nonFiniteRows(matrix);
  if (count === 0) return;
  throw new DetectorsError('NON_FINITE', {
    where,
    expected: `finite ${need}`,
    got: `NaN or infinity in ${count} of ${matrix.rows} rows, the first at index ${firstRow + first}`,
    advice: 'leave these rows out, or find out why the backbone produced them',
    details: { count, firstRow: firstRow + first },
  });
}

export function missing(where: string, need: Need, rows: LabeledRows): DetectorsError {
  const given = Object.keys(rows).filter(key => rows[key as keyof LabeledRows] !== undefined);
  const instead = need === 'labels' ? 'labels, or logits whose argmax can stand in' : need;
  return new DetectorsError('MISSING_INPUT', {
    where,
    expected: instead,
    got: given.length === 0 ? 'nothing' : `${given.join(' and ')} only`,
    advice:
      need === 'logits'
        ? 'use a backbone with a classification head, or a detector on features'
        : need === 'labels'
          ? 'give labels; where there are no classes, label every row 0'
          : undefined,
    details: { need, given },
  });
}
