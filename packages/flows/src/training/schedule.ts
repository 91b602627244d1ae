import {
  count,
  invalidOption,
  oneOf,
  portion,
  positive,
  type Rule,
  requireOptions,
  text,
  whole,
} from '@ood/core';

/**
 * How the learning rate moves: `constant`; `cosine` falls to `finalFraction` (default 0) of it along half a cosine;
 * `step` is multiplied by `factor` (default 0.1) every `every` epochs. `warmupSteps` (default 0) rise linearly first.
 */
export type Schedule = 'constant' | 'cosine' | ScheduleShape;

type ScheduleShape =
  | { readonly kind: 'constant'; readonly warmupSteps?: number }
  | { readonly kind: 'cosine'; readonly warmupSteps?: number; readonly finalFraction?: number }
  | {
      readonly kind: 'step';
      readonly every: number;
      readonly factor?: number;
      readonly warmupSteps?: number;
    };

/** The shape of any schedule; {@link requireSchedule} looks inside. */
export const scheduleRule: Rule = [
  value => (typeof value === 'object' ? value !== null : value === 'constant' || value === 'cosine'),
  '"constant", "cosine" or an object with a kind',
];

const kinds = {
  constant: { warmupSteps: count },
  cosine: { warmupSteps: count, finalFraction: portion },
  step: { warmupSteps: count, every: whole, factor: positive },
};

/** @throws FlowsError `INVALID_OPTION` for a schedule with an unknown kind, option or value. */
export function requireSchedule(schedule: Schedule): void {
  if (typeof schedule === 'string') return;
  const where = 'fit, option "schedule"';
  requireOptions(where, { kind: schedule.kind ?? 'none' }, { kind: oneOf(...Object.keys(kinds)) });
  requireOptions(where, schedule, { kind: text, ...kinds[schedule.kind] });
  if (schedule.kind === 'step' && schedule.every === undefined)
    throw invalidOption(where, 'every', whole[1], 'none', 'say after how many epochs the rate falls');
}

/** Where a step stands in the whole of training. */
export interface SchedulePosition {
  /** 1 for the first step. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/** Returns the factor on the base learning rate at a step: in [0, 1]. */
export function scheduleFactor(
  schedule: Schedule,
  { step, totalSteps, stepsPerEpoch }: SchedulePosition,
): number {
  const shape: ScheduleShape = typeof schedule === 'string' ? { kind: schedule } : schedule;
  const warmup = shape.warmupSteps ?? 0;
  if (step <= warmup) return step / warmup;
  switch (shape.kind) {
    case 'constant':
      return 1;
    case 'cosine': {
      const floor = shape.finalFraction ?? 0;
      const progress = (step - 1 - warmup) / Math.max(1, totalSteps - warmup);
      return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    }
    case 'step':
      return (shape.factor ?? 0.1) ** Math.floor((step - 1) / (shape.every * stepsPerEpoch));
  }
}
