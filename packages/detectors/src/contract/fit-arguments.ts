import type { LabeledRows, Matrix, RowStream } from '@ood/core';
import type { FitSettings } from './method.ts';
import type { Head, Need, TrainingSource } from './rows.ts';

/** Options of a method, and how to fit it. */
export type FitOptions<Options extends object> = Partial<Options> & FitSettings;

/** ID rows that hold what is named; logits stand in for labels, since their argmax does. */
export type RowsWith<N extends Need> = LabeledRows &
  ('features' extends N ? { readonly features: Matrix } : unknown) &
  ('logits' extends N ? { readonly logits: Matrix } : unknown) &
  ('labels' extends N ? { readonly labels: Int32Array } | { readonly logits: Matrix } : unknown);

/** ID rows that hold what is named, or a stream, whose rows are checked as they come. */
export type SourceWith<N extends Need> = RowsWith<N> | RowStream;

/** The classifier's last layer, where a method cannot do without. */
export interface WithHead {
  readonly head: Head;
}

/**
 * What follows a method of these needs in a fit: rows that hold them, or features and a head that makes the logits. Needs that are not
 * known before run time are checked there.
 */
export type FitArguments<Options extends object, N extends Need> = [Need] extends [N]
  ? [source: TrainingSource, options?: FitOptions<Options>]
  : 'head' extends N
    ? [source: SourceWith<Extract<N, 'features'>>, options: FitOptions<Options> & WithHead]
    : [Extract<N, 'logits' | 'labels'>] extends [never]
      ? [source: SourceWith<N>, options?: FitOptions<Options>]
      :
          | [source: SourceWith<N>, options?: FitOptions<Options>]
          | [source: SourceWith<'features'>, options: FitOptions<Options> & WithHead];
