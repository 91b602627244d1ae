import type { KeyObject } from 'node:crypto';
import {
  anything,
  callable,
  count,
  flag,
  having,
  listOf,
  openUnit,
  type Rule,
  requireOptions,
  text,
  whole,
} from '@ood/core';
import { type Detector, type DetectorName, describeMethod } from '@ood/detectors';
import {
  type BackboneOptions,
  type Failure,
  type Preprocessing,
  parsePreprocessing,
  type TfjsModel,
} from '@ood/features';
import type { Runtime } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { requireEnough } from '../calibration/decision.ts';
import { GuardError } from '../errors.ts';
import { type Key, signingKey } from '../folder/signature.ts';
import { countOf, type GuardRows } from './rows.ts';

/** What making a guard is at. */
export interface FitGuardProgress {
  readonly stage: 'extracting' | 'fitting' | 'calibrating' | 'writing';
  /** Samples or rows dealt with; of a flow's training, epochs. */
  readonly done: number;
  /** Of how many, where that is known. */
  readonly total?: number;
  readonly imagesPerSecond?: number;
  /** Samples so far that gave no row. */
  readonly failures?: number;
  /** What is extracted, `train` or `calibration`; the part of the fit that is under way, in the words of the method. */
  readonly part?: string;
}

export interface FitGuardOptions {
  /** The pretrained model: a path, or its bytes; or a model of TensorFlow.js, by the path of its `model.json` or itself. */
  readonly model: string | Uint8Array | TfjsModel;
  /** Layer, further layers, head, pooling … as for `openBackbone`. */
  readonly backbone?: Pick<
    BackboneOptions,
    'layer' | 'layers' | 'head' | 'pooling' | 'tolerance' | 'freeDimensions' | 'inputs'
  >;
  /** What turns images or texts into the model's inputs. Left out for a model that takes vectors or tensors. */
  readonly preprocessing?: Preprocessing | undefined;
  /**
   * Name of a method of `@ood/detectors`, to be fitted on `train`; or a fitted detector, which is then the caller's to
   * close. Default: `'fde-fused'` where the model has a head of several classes, else `'fde'`.
   */
  readonly detector?: DetectorName | (string & {}) | Detector | undefined;
  /** Options of the method. */
  readonly detectorOptions?: Readonly<Record<string, number | string | boolean>> | undefined;
  /** ID inputs to fit on. */
  readonly train?: GuardRows | undefined;
  /**
   * ID inputs that the backbone was *not* trained on. Without them a fifth of `train` is held out of the fit instead, and
   * the guarantee does not hold for a backbone that was trained on it; the guard says so.
   */
  readonly calibration?: GuardRows | undefined;
  /** Largest tolerated share of false alarms, 0 < alpha < 1. Default: 0.05. */
  readonly alpha?: number;
  /** Seed of the fit and of the hold-out. Default: 1. */
  readonly seed?: number;
  /**
   * Names of the classes, in the order of the logits' columns; two for a single logit. Default: `id2label` of a `config.json` beside the model,
   * else the classes of `train` where they evidently are those of the logits.
   */
  readonly classes?: readonly string[] | undefined;
  /** What made the vectors that the model takes, as JSON, kept with the guard for the program that makes them. */
  readonly origin?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** Names of the numbers of a row, where the inputs are rows of a table: kept, so that later tables are read by them. Default: none. */
  readonly columns?: readonly string[] | undefined;
  /** Replace a guard that is there; at every moment the old one or the new one is. Default: false. */
  readonly overwrite?: boolean;
  /** Ed25519 private key (PEM, or a key of Node's crypto) that signs the guard. Default: not signed. */
  readonly sign?: Key | undefined;
  /** Default: onnxruntime-node. */
  readonly runtime?: Runtime | undefined;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FitGuardProgress) => void) | undefined;
  /** Milliseconds from any origin, for rates in `onProgress`. */
  readonly now?: (() => number) | undefined;
}

/** Options with their defaults, checked. */
export interface CheckedOptions extends Omit<FitGuardOptions, 'sign'> {
  readonly alpha: number;
  readonly seed: number;
  readonly overwrite: boolean;
  readonly runtime: Runtime;
  readonly sign: KeyObject | undefined;
  readonly report: (progress: FitGuardProgress) => void;
}

const someObject: Rule = [value => typeof value === 'object' && value !== null, 'an object'];
const plainFacts: Rule = [
  value =>
    someObject[0](value) &&
    !Array.isArray(value) &&
    Object.values(value as object).every(
      fact => fact === null || ['string', 'boolean'].includes(typeof fact) || Number.isFinite(fact),
    ),
  'an object of texts, numbers, booleans and nulls',
];
const someRows: Rule = [
  value =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || 'features' in value || 'open' in value),
  'a source of samples (imageFolder of @ood/datasets), features { features, logits? }, or a stream of them { open }',
];

const rules = {
  model: [
    value =>
      (typeof value === 'string' && value !== '') ||
      value instanceof Uint8Array ||
      having('', 'predict')[0](value),
    'a path, bytes, or a model of TensorFlow.js',
  ],
  backbone: someObject,
  preprocessing: someObject,
  detector: [
    value =>
      (typeof value === 'string' && value !== '') || having('', 'describe', 'score', 'encode')[0](value),
    'the name of a method, or a fitted detector',
  ],
  detectorOptions: someObject,
  train: someRows,
  calibration: someRows,
  alpha: openUnit,
  seed: count,
  classes: listOf(text),
  origin: plainFacts,
  columns: listOf(text),
  overwrite: flag,
  sign: anything,
  runtime: having('a runtime', 'createSession'),
  threads: whole,
  signal: having('an AbortSignal', 'throwIfAborted'),
  onProgress: callable,
  now: callable,
} as const satisfies Record<keyof FitGuardOptions, Rule>;

/**
 * The options with their defaults.
 *
 * @throws CoreError `INVALID_OPTION`; GuardError `INVALID_OPTION`, `TOO_FEW`; DetectorsError `UNKNOWN_DETECTOR`; FeaturesError for a
 *   preprocessing that is none
 */
export function checkOptions(given: FitGuardOptions): CheckedOptions {
  const where = 'fitGuard';
  requireOptions(where, given, rules);
  const {
    alpha = 0.05,
    seed = 1,
    overwrite = false,
    runtime = nodeRuntime,
    detector,
    train,
    calibration,
  } = given;
  if (given.model === undefined) throw invalid('model', 'a path or bytes of an ONNX model', 'nothing');
  if (train === undefined && (detector === undefined || typeof detector === 'string'))
    throw invalid('train', 'ID inputs to fit the detector on, or a fitted detector', 'neither');
  if (typeof detector === 'string') describeMethod(detector);
  if (calibration === undefined && train === undefined)
    throw invalid('calibration', 'ID inputs to calibrate on', 'none');
  if (calibration !== undefined && calibration === train) {
    const expected = 'other inputs than train: a detector finds those it was fitted on typical';
    throw invalid('calibration', expected, 'train');
  }
  const rows = calibration && countOf(calibration);
  if (rows !== undefined) requireEnough(rows, { alpha, source: 'unseen' });
  return {
    ...given,
    preprocessing: given.preprocessing && parsePreprocessing(given.preprocessing),
    alpha,
    seed,
    overwrite,
    runtime,
    sign: given.sign === undefined ? undefined : signingKey(where, 'sign', given.sign),
    report: progress => given.onProgress?.(progress),
  };
}

/** The error for a source of which no sample gave a row. */
export function noneUsable(option: string, [first]: readonly Failure[]): GuardError {
  return new GuardError('TOO_FEW', {
    where: `fitGuard: ${option}`,
    expected: 'ID inputs that the model can take',
    got: first ? `none: ${first.id}: ${first.reason}` : 'none',
    advice: 'check where they come from',
    details: { option, ...(first && { first }) },
  });
}

export function invalid(option: string, expected: string, got: string): GuardError {
  return new GuardError('INVALID_OPTION', {
    where: `fitGuard: option ${option}`,
    expected,
    got,
    details: { option },
  });
}
