import { DatasetError } from '../errors.ts';
import type { Sample } from './sample.ts';
import type { Samples } from './samples.ts';

/** A named data set with a license and splits. Opening a split is cheap: samples are read when iterated. */
export interface Dataset<S extends Sample = Sample> {
  readonly name: string;
  /** SPDX identifier where there is one, else the terms in words. */
  readonly license: string;
  readonly citation?: string;
  /** Class names; `label` of a sample is an index into them. */
  readonly classes?: readonly string[];
  readonly splits: readonly string[];
  /**
   * The samples of a split.
   *
   * @throws DatasetError `UNKNOWN_SPLIT`, or what the source finds wrong with its files.
   */
  open(split: string): Promise<Samples<S>>;
}

export interface DatasetParts<S extends Sample, T extends Samples<S>>
  extends Omit<Dataset<S>, 'splits' | 'open'> {
  /** For each split the function that opens it. */
  readonly splits: Readonly<Record<string, () => T | Promise<T>>>;
}

/** A data set from its parts. Keeps the type of samples: where all splits are indexed, so is what `open` gives. */
export function defineDataset<S extends Sample, T extends Samples<S> = Samples<S>>(
  parts: DatasetParts<S, T>,
): Dataset<S> & { open(split: string): Promise<T> } {
  const { splits, ...about } = parts;
  return {
    ...about,
    splits: Object.keys(splits),
    async open(split) {
      const start = Object.hasOwn(splits, split) ? splits[split] : undefined;
      if (start !== undefined) return await start();
      throw new DatasetError('UNKNOWN_SPLIT', {
        where: `data set ${about.name}`,
        expected: `one of the splits ${Object.keys(splits).join(', ')}`,
        got: JSON.stringify(split),
        advice: 'ask for one of these',
      });
    },
  };
}
