import type { DetectorDescription } from '@ood/detectors';
import {
  type BackboneDescription,
  kindOf,
  type Preprocessing,
  type PreprocessingSummary,
  summarizedFiles,
} from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import type { Calibration } from '../calibration/decision.ts';
import type { Power } from '../calibration/power.ts';
import type { Warning } from '../calibration/warnings.ts';
import type { Parity } from '../export/parity.ts';

export const FORMAT = 'ood-guard';
/** Of guards of one input, of images or vectors; … */
export const VERSION = 2;
/** … and of all others, which readers of version 2 could not feed. */
export const NEWEST_VERSION = 3;
export const MANIFEST_FILE = 'guard.json';
export const SIGNATURE_FILE = 'guard.sig';

/** Files of a guard's folder besides `guard.json`. */
export const FILES = {
  /** The backbone with the detector behind it; the backbone alone where `scoredBy` is `'detector'`. */
  model: 'model.onnx',
  /** Tensors of a model that one file cannot hold. */
  modelData: 'model.onnx.data',
  detector: 'detector.safetensors',
  /** `scores` `[n]` float32, ascending. */
  calibration: 'calibration.safetensors',
  /** Statistics of the training rows, for explanations. */
  reference: 'reference.safetensors',
  /** What the guard says of the probe inputs. */
  probes: 'probes/reference.safetensors',
} as const;

/** Images whose verdicts are stored, so that decoder, preprocessing and model can be checked together. */
export const PROBE_IMAGES = ['probes/0.png', 'probes/1.png', 'probes/2.png', 'probes/3.png'] as const;

/** The files that a guard of this kind has, no more and no less; and those that it may have. */
export function filesOf({ trainingRows, preprocessing }: Pick<Manifest, 'trainingRows' | 'preprocessing'>): {
  readonly required: readonly string[];
  readonly optional: readonly string[];
} {
  return {
    required: [
      FILES.model,
      FILES.detector,
      FILES.calibration,
      FILES.probes,
      ...(trainingRows > 0 ? [FILES.reference] : []),
      ...(storesProbes({ preprocessing }) ? PROBE_IMAGES : []),
      ...(preprocessing === null ? [] : Object.keys(summarizedFiles(preprocessing))),
    ],
    optional: [FILES.modelData],
  };
}

/** Whether the probe inputs are files of the folder: images, whose decoder is to be checked as well. */
export function storesProbes({ preprocessing }: Pick<Manifest, 'preprocessing'>): boolean {
  return preprocessing !== null && kindOf(preprocessing) === 'image';
}

/** Inputs of a guard's graph, as manifest entries: `inputs` only where there are several. */
export function inputEntries(inputs: readonly TensorInfo[]): Pick<Manifest, 'input' | 'inputs'> {
  return { input: inputs[0]!, ...(inputs.length > 1 && { inputs }) };
}

/** Format version of a guard of these inputs. */
export function versionOf({
  preprocessing,
  inputs,
}: {
  readonly preprocessing: Preprocessing | null;
  readonly inputs: readonly TensorInfo[];
}): Manifest['version'] {
  const isOld = preprocessing === null || (kindOf(preprocessing) === 'image' && !('boxes' in preprocessing));
  return isOld && inputs.length === 1 && elementTypes.includes(inputs[0]!.type) ? VERSION : NEWEST_VERSION;
}

/** Types of inputs of version 2. */
const elementTypes = ['float32', 'float16', 'uint8'];

/** All inputs of a guard's graph. */
export function inputsOf({ input, inputs }: Pick<Manifest, 'input' | 'inputs'>): readonly TensorInfo[] {
  return inputs ?? [input];
}

/** `guard.json`: all of a guard but its arrays. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION | typeof NEWEST_VERSION;
  /** Engine that made it, and the threads it was given (`null`: its own choice). */
  readonly madeBy: { readonly runtime: string; readonly threads: number | null };
  readonly backbone: BackboneDescription;
  /** The input of the graph, the first of several. */
  readonly input: TensorInfo;
  /** All inputs of a graph of several; absent for one. */
  readonly inputs?: readonly TensorInfo[];
  readonly featureSize: number;
  /** Columns of the logits, `null` without a head. */
  readonly classes: number | null;
  /** Names of the classes that the logits stand for, where known. */
  readonly classNames: readonly string[] | null;
  /** What made the vectors that it takes, in the words of the program that made it; absent where nobody said. */
  readonly origin?: Readonly<Record<string, string | number | boolean | null>>;
  /** Names of the numbers of an input row, of a guard of tables; absent for others. */
  readonly columns?: readonly string[];
  /** `null` for a backbone that takes vectors or tensors. Whole files in it (a tokenizer) are files of the folder, here by their SHA-256. */
  readonly preprocessing: PreprocessingSummary | null;
  /** SHA-256 of the preprocessing's canonical JSON. */
  readonly preprocessingHash: string | null;
  readonly detector: DetectorDescription;
  /** Whether `model.onnx` computes the score, or (a search over a large bank) the detector beside it does. */
  readonly scoredBy: 'graph' | 'detector';
  readonly calibration: Calibration;
  /** How much of what is evidently not ID the threshold catches. */
  readonly power: Power;
  /** What is lost or doubtful; none for a guard made as it should be. */
  readonly warnings: readonly Warning[];
  /** Float32 graph against float64 detector, on ID rows. */
  readonly parity: Parity | null;
  /** Names of the classes that the training rows were labelled with, for explanations. */
  readonly trainingClasses: readonly string[] | null;
  readonly trainingRows: number;
  /** Samples that gave no row: torn images and the like. What is guaranteed holds for inputs that can be scored. */
  readonly refused: { readonly train: number; readonly calibration: number };
  readonly seed: number;
  /** SHA-256 of every other file of the folder. */
  readonly files: Readonly<Record<string, string>>;
}
