import type { Preprocessing, PresetName } from '@ood/features';
import type { Group } from '../benchmark.ts';

/** A benchmark as data: what is compared on what. Paths are relative to the file that the task is in. */
export interface Task {
  readonly kind: 'ood-task';
  readonly version: 1;
  readonly name: string;
  readonly title?: string;
  /** What one should know of it: where it is published, what differs. */
  readonly notes?: string;
  readonly backbones: readonly TaskBackbone[];
  /** Images for the backbones that run on them. */
  readonly sets?: TaskSets;
  /** OOD sets of ready features that are near; the others count as far. */
  readonly near?: readonly string[];
  readonly detectors: readonly TaskDetector[];
  /** How often what draws at random is fitted, with the seeds from 1 on. */
  readonly seeds: number;
}

/** A model that is run on the images of the task, or features that it made before. */
export interface TaskBackbone {
  readonly name: string;
  /** The model; beside ready features, where the head's weights come from. */
  readonly model?: ModelSource;
  /** Folder of ready features, as `readBenchmark` takes it. */
  readonly features?: string;
  /** What turns images into the model's input: a preset, one with other parts (`{ "preset": "cifar", "mean": … }`), or all of it. */
  readonly preprocess?: PresetName | Preprocessing;
  readonly layer?: string;
  /** Further layers that are joined to the features, as for `openBackbone`; of ready features, those that they hold. */
  readonly layers?: 'stage-ends' | readonly string[];
  readonly head?: 'auto' | 'require' | 'none';
  readonly pooling?: 'cls' | 'mean' | 'mean-channels-last' | 'none';
}

/** Where a model comes from. */
export type ModelSource =
  | { readonly file: string /** How one makes it, where it is not there. */; readonly howTo?: string }
  | {
      readonly url: string;
      readonly sha256: string;
      readonly bytes?: number;
      readonly license?: string;
    }
  | { readonly glyphs: true };

/** ID images to fit on and to judge on, and OOD images. */
export interface TaskSets {
  readonly idTrain: SetSource;
  readonly idTest: SetSource;
  readonly ood: readonly (SetSource & { readonly name: string; readonly group: Group })[];
}

/** Images: a split of a data set, a folder, an archive, a list of files in a folder, or a part of the embedded glyphs. */
export type SetSource = (
  | {
      readonly dataset: string;
      readonly split: string;
      /** Keep images that the ID set may hold too, where they are not whole classes that can be left out. */
      readonly keepOverlap?: boolean;
    }
  | { readonly folder: string }
  | { readonly archive: string }
  | { readonly list: string; readonly root: string }
  | { readonly glyphs: string }
) & {
  /** Images at most, evenly from all of the set. Default: all. */
  readonly limit?: number;
};

/** A method of `@ood/detectors` with its options. */
export interface TaskDetector {
  /** What tables call it. Default: the method. */
  readonly label: string;
  readonly method: string;
  readonly options: Readonly<Record<string, number | string | boolean>>;
}
