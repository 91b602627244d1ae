import {
  count,
  invalidOption,
  notNegative,
  oneOf,
  orNull,
  portion,
  positive,
  type Rule,
  requireOptions,
  share,
  whole,
} from '@ood/core';
import { requireSchedule, type Schedule, scheduleRule } from './schedule.ts';

/** Everything that decides the trained numbers, together with the data, the model and the thread count. */
export interface TrainingSettings {
  /** Seed of initialization, split, shuffling and noise. Default: 1. */
  readonly seed: number;
  /** Passes over the training rows. Default: 1. */
  readonly epochs: number;
  /** Steps in all, whatever the passes that they take; `null`: as many as the epochs have. Default: `null`. */
  readonly steps: number | null;
  /** Rows in a step; a last, smaller batch of an epoch is left out. Default: 250. */
  readonly batchSize: number;
  /** `adam`, or `adamw` = with decoupled weight decay. Default: `adam`. */
  readonly optimizer: 'adam' | 'adamw';
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
  /** Rows of a stream that are permutation as randomOrder together. Default: 16,384 (fewer where they exceed 256 MB). */
  readonly shuffleRows: number;
}

const defaults: TrainingSettings = {
  seed: 1,
  epochs: 1,
  steps: null,
  batchSize: 250,
  optimizer: 'adam',
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

/** What every setting must be. */
export const settingRules: Readonly<Record<keyof TrainingSettings, Rule>> = {
  seed: count,
  epochs: whole,
  steps: orNull(whole),
  batchSize: whole,
  optimizer: oneOf('adam', 'adamw'),
  learningRate: positive,
  schedule: scheduleRule,
  beta1: share,
  beta2: share,
  epsilon: [v => positive[0](v) && Math.fround(v as number) > 0, positive[1]],
  weightDecay: notNegative,
  clipNorm: orNull(positive),
  averaging: orNull(share),
  noise: notNegative,
  validationFraction: share,
  validationRows: whole,
  validateEvery: orNull(whole),
  patience: orNull(whole),
  interpolation: portion,
  shuffleRows: whole,
};

/**
 * Returns complete settings: the caller's, else the preset's, else the library's. A preset's weight decay belongs to its
 * `adamw` and is dropped where the caller chooses `adam`.
 *
 * @throws FlowsError `INVALID_OPTION` naming the option, what it must be and what it was.
 */
export function resolveSettings(
  preset: Partial<TrainingSettings>,
  options: Partial<TrainingSettings> = {},
): TrainingSettings {
  const names = Object.keys(defaults) as (keyof TrainingSettings)[];
  const resolve = (given: readonly Partial<TrainingSettings>[]) =>
    Object.fromEntries(
      names.map(name => [name, given.find(settings => settings[name] !== undefined)![name]]),
    ) as unknown as TrainingSettings;
  requireOptions("the preset's training", preset, settingRules);
  // Whoever asks for epochs does not get the steps of a preset.
  const counted = options.epochs === undefined ? preset : { ...preset, steps: null };
  const resolved = resolve([options, counted, defaults]);
  requireOptions('fit', resolved, settingRules);
  requireSchedule(resolved.schedule);
  requireSense(options, resolved);
  return resolved.optimizer === 'adam' ? { ...resolved, weightDecay: 0 } : resolved;
}

/** Refuses what the caller asked for and would not get. */
function requireSense(options: Partial<TrainingSettings>, resolved: TrainingSettings): void {
  const { weightDecay = 0, patience = null, validateEvery = null, steps = null, epochs } = options;
  if (steps !== null && epochs !== undefined)
    throw invalidOption('fit', 'steps', 'steps or epochs, not both', steps, 'leave one of them out');
  if (weightDecay > 0 && resolved.optimizer === 'adam')
    throw invalidOption(
      'fit',
      'weightDecay',
      '0 with optimizer "adam"',
      `${weightDecay}`,
      'choose optimizer "adamw"',
    );
  if (resolved.validationFraction > 0) return;
  for (const [name, value] of Object.entries({ patience, validateEvery })) {
    if (value === null) continue;
    const advice = 'set validationFraction, e.g. 0.1';
    throw invalidOption('fit', name, 'rows that are held out to validate on', 'validationFraction 0', advice);
  }
}
