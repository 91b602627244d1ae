import { type Detector, describeMethod, type FitProgress } from '@ood/detectors';
import type { BackboneOptions, Failure, Preprocessing } from '@ood/features';
import type { Runtime } from '@ood/onnx';
import { requireEnough } from '../calibration/calibration.ts';
import { GuardError } from '../errors.ts';
import { countOf, type GuardRows } from './rows.ts';

/** What making a guard is at. */
export interface CreateProgress {
  readonly stage: 'extracting' | 'fitting' | 'calibrating' | 'writing';
  /** 0 to 1, where the end is known. */
  readonly fraction?: number;
  readonly imagesPerSecond?: number;
  readonly failures?: number;
  /** What the detector's fit reports. */
  readonly fit?: FitProgress;
}

export interface CreateGuardOptions {
  /** The pretrained model: a path, or its bytes. */
  readonly model: string | Uint8Array;
  /** Layer, head, pooling … as for `openBackbone`. */
  readonly backbone?: Pick<BackboneOptions, 'layer' | 'head' | 'pooling' | 'tolerance' | 'freeDimensions'>;
  /** What turns images into the model's input. Left out for a model that takes vectors. */
  readonly preprocessing?: Preprocessing;
  /**
   * Name of a method of `@ood/detectors`, to be fitted on `train`; or a fitted detector, which is then the caller's to
   * close. Default: `'fde-fused'` where the model has a head of several classes, else `'fde'`.
   */
  readonly detector?: string | Detector;
  /** Options of the method. */
  readonly detectorOptions?: Readonly<Record<string, number | string | boolean>>;
  /** ID inputs to fit on. */
  readonly train?: GuardRows;
  /**
   * ID inputs that the backbone was *not* trained on. Without them a fifth of `train` is held out of the fit instead, and
   * the guarantee does not hold for a backbone that was trained on it; the guard says so.
   */
  readonly calibration?: GuardRows;
  /** Largest tolerated share of false alarms, 0 < alpha < 1. Default: 0.05. */
  readonly alpha?: number;
  /** Seed of the fit and of the hold-out. Default: 1. */
  readonly seed?: number;
  /** Names of the logits' columns, for predictions. */
  readonly classNames?: readonly string[];
  /** Replace a guard that is there. Default: false. */
  readonly overwrite?: boolean;
  /** Default: onnxruntime-node. */
  readonly runtime?: Runtime;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CreateProgress) => void;
  /** Milliseconds from any origin, for rates in `onProgress`. */
  readonly now?: () => number;
}

/** @throws GuardError `INVALID_OPTION`, `TOO_FEW_ROWS`; DetectorsError `UNKNOWN_DETECTOR` */
export function checkOptions(options: CreateGuardOptions): void {
  const { alpha = 0.05, seed = 1, detector, train, calibration } = options;
  if (!(alpha > 0 && alpha < 1)) throw invalid('alpha', 'a number between 0 and 1', alpha);
  if (!Number.isInteger(seed) || seed < 0) throw invalid('seed', 'a whole number from 0', seed);
  if (train === undefined && (detector === undefined || typeof detector === 'string')) {
    throw invalid('train', 'ID inputs to fit the detector on, or a fitted detector', 'neither');
  }
  if (typeof detector === 'string') describeMethod(detector);
  if (calibration === undefined) {
    if (train === undefined) throw invalid('calibration', 'ID inputs to calibrate on', 'none');
    return;
  }
  if (calibration === train) {
    throw invalid(
      'calibration',
      'other inputs than train: a detector finds those it was fitted on typical',
      'train',
    );
  }
  const count = countOf(calibration);
  if (count !== undefined) requireEnough(count, { alpha, source: 'unseen' });
}

/** The error for a source of which no sample gave a row. */
export function noneUsable(option: string, [first]: readonly Failure[]): GuardError {
  return new GuardError('TOO_FEW_ROWS', {
    where: `createGuard: ${option}`,
    expected: 'ID inputs that the model can take',
    got: first ? `none: ${first.id}: ${first.reason}` : 'none',
    advice: 'check where they come from',
    details: { option, ...(first && { first }) },
  });
}

export function invalid(option: string, expected: string, got: unknown): GuardError {
  return new GuardError('INVALID_OPTION', {
    where: `createGuard: option ${option}`,
    expected,
    got: String(got),
    details: { option },
  });
}
