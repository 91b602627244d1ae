import { FlowsError } from '../errors.ts';
import type { Schedule } from './schedule.ts';

/** Everything that decides the trained numbers, together with the data, the model and the thread count. */
export interface TrainingSettings {
  /** Seed of initialisation, split, shuffling and noise. Default: 1. */
  readonly seed: number;
  /** Passes over the training rows. Default: 1. */
  readonly epochs: number;
  /** Rows in a step; a last, smaller batch of an epoch is left out. Default: 250. */
  readonly batchSize: number;
  /** `adam`, or `adamw` = with decoupled weight decay. Default: `adam`. */
  readonly optimiser: 'adam' | 'adamw';
  /** Base learning rate. Default: 1e-3. */
  readonly learningRate: number;
  /** Default: `constant`. */
  readonly schedule: Schedule;
  /** Decay rates of the moments and the term that keeps Adam's division finite. Defaults: 0.9, 0.999, 1e-8. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Weight decay of `adamw`, on matrices only. Default: 0. */
  readonly weightDecay: number;
  /** Largest global gradient norm, or `null` for no clipping. Default: `null`. */
  readonly clipNorm: number | null;
  /** Decay of the running average of the weights, which is then what is validated and returned, or `null`. Default: `null`. */
  readonly averaging: number | null;
  /** Standard deviation of the Gaussian noise added to every prepared row (fresh in every step). Default: 0. */
  readonly noise: number;
  /** Share of the rows held out to validate on. Default: 0.1. */
  readonly validationFraction: number;
  /** Most rows to hold out. Default: 10,000. */
  readonly validationRows: number;
  /** Steps between validations, or `null`: at the end of every epoch. Default: `null`. */
  readonly validateEvery: number | null;
  /** Validations without improvement after which training stops, or `null`: never stop early. Default: `null`. */
  readonly patience: number | null;
  /**
   * Where between the weights before the first step (0) and the trained ones (1) those returned lie: a mean of the two models
   * in weight space (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Default: 1.
   */
  readonly interpolation: number;
  /** Rows of a stream that are shuffled together. Default: 16,384 (fewer where they exceed 256 MB). */
  readonly shuffleRows: number;
}

const defaults: TrainingSettings = {
  seed: 1,
  epochs: 1,
  batchSize: 250,
  optimiser: 'adam',
  learningRate: 1e-3,
  schedule: 'constant',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
  averaging: null,
  noise: 0,
  validationFraction: 0.1,
  validationRows: 10_000,
  validateEvery: null,
  patience: null,
  interpolation: 1,
  shuffleRows: 16_384,
};

type Rule = readonly [holds: (value: number) => boolean, expectation: string];
const positive: Rule = [v => v > 0 && Number.isFinite(v), 'a positive number'];
const whole: Rule = [v => Number.isSafeInteger(v) && v > 0, 'a whole number above 0'];
const notNegative: Rule = [v => v >= 0 && Number.isFinite(v), 'a number of 0 or more'];
const share: Rule = [v => v >= 0 && v < 1, 'a number in [0, 1)'];

const rules: Partial<Record<keyof TrainingSettings, Rule>> = {
  seed: [v => Number.isSafeInteger(v) && v >= 0, 'a whole number of 0 or more'],
  epochs: whole,
  batchSize: whole,
  learningRate: positive,
  beta1: share,
  beta2: share,
  epsilon: [v => Math.fround(v) > 0 && Number.isFinite(v), 'a positive number'],
  weightDecay: notNegative,
  clipNorm: positive,
  averaging: share,
  noise: notNegative,
  validationFraction: share,
  validationRows: whole,
  validateEvery: whole,
  patience: whole,
  interpolation: [v => v >= 0 && v <= 1, 'a number in [0, 1]'],
  shuffleRows: whole,
};

const nullable = new Set<keyof TrainingSettings>(['clipNorm', 'averaging', 'validateEvery', 'patience']);

/**
 * Returns complete settings: the caller's, else the preset's, else the library's.
 *
 * @throws FlowsError `BAD_OPTION` naming the option, what it must be and what it was.
 */
export function resolveSettings(
  preset: Partial<TrainingSettings>,
  options: Partial<TrainingSettings> = {},
): TrainingSettings {
  const names = Object.keys(defaults) as (keyof TrainingSettings)[];
  const given = [options, preset, defaults];
  const resolved = Object.fromEntries(
    names.map(name => [name, given.find(settings => settings[name] !== undefined)![name]]),
  ) as unknown as TrainingSettings;
  for (const name of names) check(name, resolved[name]);
  if (resolved.weightDecay > 0 && resolved.optimiser === 'adam') {
    throw invalid('weightDecay', '0 with optimiser "adam"', resolved.weightDecay, 'choose optimiser "adamw"');
  }
  return resolved;
}

function check(name: keyof TrainingSettings, value: unknown): void {
  const rule = rules[name];
  if (!rule || (value === null && nullable.has(name))) return;
  if (typeof value !== 'number' || !rule[0](value)) {
    throw invalid(name, nullable.has(name) ? `${rule[1]} or null` : rule[1], value, 'correct the option');
  }
}

function invalid(name: string, expected: string, got: unknown, advice: string): FlowsError {
  return new FlowsError({
    code: 'BAD_OPTION',
    where: `fit, option "${name}"`,
    expected,
    got: String(got),
    advice,
  });
}
