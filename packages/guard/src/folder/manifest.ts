import type { DetectorDescription } from '@ood/detectors';
import type { BackboneDescription, Preprocessing } from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import type { Calibration } from '../calibration/calibration.ts';
import type { Parity } from '../export/parity.ts';

export const FORMAT = 'ood-guard';
export const VERSION = 1;
export const MANIFEST_FILE = 'guard.json';

/** Files of a guard's folder besides `guard.json`. */
export const FILES = {
  /** The backbone with the detector behind it; the backbone alone where `scoredBy` is `'detector'`. */
  model: 'model.onnx',
  detector: 'detector.safetensors',
  /** `scores` `[n]` float32, ascending. */
  calibration: 'calibration.safetensors',
  /** Statistics of the training rows, for explanations. */
  reference: 'reference.safetensors',
  /** `features` and `logits` of the probe inputs. */
  probes: 'probes/reference.safetensors',
} as const;

/** `guard.json`: all of a guard but its arrays. Version 1. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** Packages and engine that made it. */
  readonly madeBy: Readonly<Record<string, string>>;
  readonly backbone: BackboneDescription;
  readonly input: TensorInfo;
  readonly featureSize: number;
  /** Columns of the logits, `null` without a head. */
  readonly classes: number | null;
  /** Names of the logits' columns, where known. */
  readonly classNames: readonly string[] | null;
  /** `null` for a backbone that takes vectors. */
  readonly preprocessing: Preprocessing | null;
  /** SHA-256 of the preprocessing's canonical JSON. */
  readonly preprocessingHash: string | null;
  readonly detector: DetectorDescription;
  /** Whether `model.onnx` computes the score, or (a search over a large bank) the detector beside it does. */
  readonly scoredBy: 'graph' | 'detector';
  readonly calibration: Calibration;
  /** Float32 graph against float64 detector, on ID rows. */
  readonly parity: Parity | null;
  readonly probes: readonly string[];
  /** Names of the classes that the training rows were labelled with, for explanations. */
  readonly trainingClasses: readonly string[] | null;
  readonly trainingRows: number;
  /** Samples that gave no row: torn images and the like. What is guaranteed holds for inputs that can be scored. */
  readonly refused: { readonly train: number; readonly calibration: number };
  readonly seed: number;
  /** SHA-256 of every other file of the folder. */
  readonly files: Readonly<Record<string, string>>;
}
