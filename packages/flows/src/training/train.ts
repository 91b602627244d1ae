import { yieldToEventLoop } from '@ood/core';
import type { Matrix, NamedArrays } from '../contract/arrays.ts';
import type { TrainingEngine } from '../engine/training-engine.ts';
import { FlowsError } from '../errors.ts';
import type { Batch, BatchFeed } from './batch-feed.ts';
import type { CheckpointStore, KeptWeights } from './checkpoint.ts';
import type { History } from './history.ts';
import { between, copyOf } from './kept-arrays.ts';
import { NoiseSource } from './noise-source.ts';
import { scheduleFactor } from './schedule.ts';
import type { TrainingSettings } from './settings.ts';
import { initialState, type TrainingState } from './training-state.ts';

/** What a step reports. */
export interface StepReport {
  /** Steps taken, of `totalSteps` at most. */
  readonly step: number;
  /** Epoch under way, from 1. */
  readonly epoch: number;
  /** Mean negative log-likelihood of the step's batch, in nats. */
  readonly loss: number;
  /** Global norm of the gradient before clipping; `null` without clipping. */
  readonly gradientNorm: number | null;
  readonly learningRate: number;
  /** Mean negative log-likelihood of the held-out rows, where this step ended with a validation. */
  readonly validation: number | null;
}

export interface TrainingPlan {
  readonly settings: TrainingSettings;
  readonly stepsPerEpoch: number;
  /** Steps at most. */
  readonly totalSteps: number;
  /** Held-out rows; may be none. */
  readonly validation: Matrix;
  /** Width of prepared rows, which is that of the noise. */
  readonly dim: number;
  /** Steps between checkpoints, besides one at the end of every epoch; `null`: only those. */
  readonly checkpointEvery: number | null;
}

export interface TrainingHooks {
  readonly feed: BatchFeed;
  readonly checkpoints?: CheckpointStore | undefined;
  readonly report: (report: StepReport) => void;
  readonly signal: AbortSignal;
}

export interface Trained {
  /** Name and version of the engine. */
  readonly computedBy: string;
  readonly parameters: NamedArrays;
  readonly history: History;
}

/**
 * Trains: draws batches, steps the engine, validates, keeps the best weights, stops early, writes checkpoints. Reads no
 * clock and imports no runtime, so that it runs alike in a worker, in-process and in a browser. Everything random is
 * reopened from the seed and the position, so that a resumed run equals an undisturbed one.
 *
 * @throws FlowsError `NON_FINITE_LOSS`; the signal's reason on abort.
 */
export async function train(
  engine: TrainingEngine,
  plan: TrainingPlan,
  hooks: TrainingHooks,
): Promise<Trained> {
  const { settings, validation } = plan;
  const { feed, checkpoints, report, signal } = hooks;
  const weights = settings.averaging === null ? 'value' : 'average';
  const resumed = await checkpoints?.restore(engine);
  const state: TrainingState = resumed?.state ?? initialState();
  const kept: KeptWeights = resumed?.kept ?? {};
  const noise = new NoiseSource(settings, plan.dim);

  const validate = async (): Promise<number | null> => {
    if (validation.rows === 0) return null;
    const loss = await meanLoss(engine, plan, weights, noise, signal);
    const record = { step: state.step, epoch: state.step === 0 ? 0 : state.epoch + 1, loss };
    state.validations.push(record);
    state.sinceBest++;
    if (!Number.isFinite(loss)) throw notFinite('validation loss', loss, state);
    if (!state.best || loss < state.best.loss) {
      kept.best = copyOf(await engine.read(weights), kept.best);
      state.best = record;
      state.sinceBest = 0;
    }
    state.stopped = settings.patience !== null && state.sinceBest >= settings.patience;
    return loss;
  };

  const step = async (batch: Batch): Promise<void> => {
    const draw = noise.draw('noise', state.step, batch.rows);
    const loss = await engine.gradients(batch, draw);
    if (!Number.isFinite(loss)) throw notFinite('training loss', loss, state);
    const position = { ...plan, step: state.step + 1 };
    const learningRate = settings.learningRate * scheduleFactor(settings.schedule, position);
    const gradientNorm = await engine.update({ step: state.step + 1, learningRate });
    if (gradientNorm !== null && !Number.isFinite(gradientNorm))
      throw notFinite('gradient norm', gradientNorm, state);
    state.step++;
    state.batch++;
    state.lossSum += loss;
    const epoch = state.epoch + 1;
    const ended = state.batch === plan.stepsPerEpoch;
    const due = settings.validateEvery === null ? ended : state.step % settings.validateEvery === 0;
    const last = state.step === plan.totalSteps;
    const validated = due || last ? await validate() : null;
    if (ended || last) closeEpoch(state);
    report({ step: state.step, epoch, loss, gradientNorm, learningRate, validation: validated });
    if (
      ended ||
      last ||
      state.stopped ||
      state.step % (plan.checkpointEvery ?? Number.POSITIVE_INFINITY) === 0
    ) {
      if (!checkpoints) return;
      requireFinite(await engine.read('value'), state);
      await checkpoints.save(engine, state, kept);
    }
  };

  try {
    while (state.step < plan.totalSteps && !state.stopped) {
      await feed.open(state.epoch, state.batch);
      const epoch = state.epoch;
      while (state.epoch === epoch && !state.stopped && state.step < plan.totalSteps) {
        await yieldToEventLoop();
        signal.throwIfAborted();
        const batch = await feed.next();
        signal.throwIfAborted();
        if (!batch) throw shortEpoch(state, plan);
        if (state.step === 0) {
          await engine.adapt(batch, noise.draw('noise', 0, batch.rows));
          if (settings.interpolation < 1) kept.start = copyOf(await engine.read('value'));
          await validate();
        }
        await step(batch);
      }
    }
  } finally {
    await feed.close();
  }
  const { epochs, validations, stopped } = state;
  const trained = kept.best ?? copyOf(await engine.read(weights));
  requireFinite(trained, state);
  return {
    computedBy: engine.name,
    parameters: kept.start ? between(kept.start, trained, settings.interpolation) : trained,
    history: { epochs, validations, best: state.best, steps: state.step, stoppedEarly: stopped },
  };
}

function closeEpoch(state: TrainingState): void {
  state.epochs.push({ epoch: state.epoch + 1, steps: state.batch, loss: state.lossSum / state.batch });
  state.epoch++;
  state.batch = 0;
  state.lossSum = 0;
}

/** Mean negative log-likelihood of the held-out rows, with noise that is the same at every validation; summed in float64. */
async function meanLoss(
  engine: TrainingEngine,
  { validation, settings }: TrainingPlan,
  weights: 'value' | 'average',
  noise: NoiseSource,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  for (let start = 0; start < validation.rows; start += settings.batchSize) {
    await yieldToEventLoop();
    signal.throwIfAborted();
    const rows = Math.min(settings.batchSize, validation.rows - start);
    const data = validation.data.subarray(start * validation.cols, (start + rows) * validation.cols);
    const draw = noise.draw('validationNoise', start, rows);
    for (const logProb of await engine.logProb({ rows, data }, draw, weights)) sum -= logProb;
  }
  return sum / validation.rows;
}

/** What the step just taken did to the weights shows in no loss so far. */
function requireFinite(parameters: NamedArrays, state: TrainingState): void {
  for (const [name, { data }] of Object.entries(parameters)) {
    const value = data.find(number => !Number.isFinite(number));
    if (value === undefined) continue;
    const epoch = state.batch === 0 ? state.epoch - 1 : state.epoch;
    throw notFinite(`weight '${name}'`, value, { ...state, step: state.step - 1, epoch });
  }
}

function notFinite(what: string, value: number, { step, epoch }: TrainingState): FlowsError {
  return new FlowsError('NON_FINITE_LOSS', {
    where: `fit, step ${step + 1} (epoch ${epoch + 1})`,
    expected: `a finite ${what}`,
    got: String(value),
    advice: 'lower the learning rate, set clipNorm (e.g. 10), or look for rows of extreme size',
  });
}

function shortEpoch({ epoch, batch }: TrainingState, { stepsPerEpoch }: TrainingPlan): FlowsError {
  return new FlowsError('UNSTABLE_SOURCE', {
    where: `fit, epoch ${epoch + 1}`,
    expected: `${stepsPerEpoch} batches, as in the first pass over the rows`,
    got: `only ${batch}`,
    advice: 'let open() of the stream give the same rows every time',
  });
}
