import type { Runtime } from '@ood/onnx';
import type { Json, Weights } from '../contract/arrays.ts';
import { mapValues } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { chooseEngine, type EngineChoice } from '../engine/choose-engine.ts';
import type { Preset } from '../presets/preset.ts';
import { batchesPerEpoch, batchFeed } from './batch-feed.ts';
import type { CheckpointIdentity } from './checkpoint.ts';
import type { History } from './history.ts';
import { processors } from './processors.ts';
import { type FitProgress, progressMeter } from './progress.ts';
import { runTraining } from './run-training.ts';
import { resolveSettings, type TrainingSettings } from './settings.ts';
import type { RowSource } from './source.ts';
import { purposeRng } from './streams.ts';
import { survey } from './survey.ts';

export interface FitOptions extends Partial<TrainingSettings> {
  /** Where to train. Default: `auto`. */
  readonly engine?: EngineChoice;
  /**
   * The ONNX runtime to train on, in this thread: for browsers (`webRuntime`) and for engines of one's own. Default: in
   * Node, onnxruntime-node in a worker thread.
   */
  readonly runtime?: Runtime;
  /** Threads inside an operator. Results are the same bytes only for the same number. Default: the runtime's choice. */
  readonly threads?: number;
  /** A file in which training keeps itself; where it exists, training resumes from it. Node only. */
  readonly checkpoint?: {
    readonly path: string;
    /** Steps between checkpoints, besides one at the end of every epoch. Default: only those. */
    readonly everySteps?: number;
  };
  /** Stops training between two steps; `fit` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (progress: FitProgress) => void;
  /** Milliseconds since some moment, e.g. `() => performance.now()`: for speed and time left in the progress. */
  readonly clock?: () => number;
}

/** A trained model: structure, numbers, and how they came about. */
export interface TrainedModel {
  readonly model: FlowModel;
  readonly weights: Weights;
  readonly history: History;
  readonly engine: 'onnx' | 'tfjs';
  /** Everything that decided the numbers, as JSON. */
  readonly about: Json;
}

/** All of `fit` but the flow: what to train, on what rows, where, and what came of it. */
export async function trainPreset(
  preset: Preset,
  source: RowSource,
  options: FitOptions = {},
): Promise<TrainedModel> {
  const { signal = new AbortController().signal, onProgress, clock, threads, checkpoint, runtime } = options;
  const settings = resolveSettings(preset.training, options);
  const { engine, note } = await chooseEngine(options.engine ?? 'auto');
  signal.throwIfAborted();
  const { rows, model, weights } = await build(preset, source, { settings, runtime, signal });
  const stepsPerEpoch = batchesPerEpoch(rows, settings.batchSize);
  const usedThreads = threads ?? { chosenByRuntime: await processors() };
  const identity: CheckpointIdentity = {
    settings: settings as unknown as Json,
    rows: rows.fingerprint,
    model: describe(preset, model, weights),
    engine,
    threads: usedThreads,
  };
  const report = progressMeter(
    {
      totalSteps: stepsPerEpoch * settings.epochs,
      totalEpochs: settings.epochs,
      batchSize: settings.batchSize,
      clock,
    },
    onProgress ?? (() => undefined),
  );
  const trained = await runTraining({
    engine,
    runtime,
    threads,
    model,
    weights,
    plan: {
      settings,
      stepsPerEpoch,
      validation: rows.validation,
      dim: model.dim,
      checkpointEvery: checkpoint?.everySteps ?? null,
    },
    checkpoint: checkpoint && { path: checkpoint.path, identity },
    feed: batchFeed(source, rows, settings),
    report,
    signal,
  });
  const about: Json = {
    preset: preset.name,
    engine,
    computedBy: trained.computedBy,
    ...(note === undefined ? {} : { note }),
    threads: usedThreads,
    rows: rows.fingerprint,
    settings: settings as unknown as Json,
    history: trained.history as unknown as Json,
  };
  return {
    model,
    weights: { parameters: trained.parameters, constants: weights.constants },
    history: trained.history,
    engine,
    about,
  };
}

/** Surveys the rows and builds the model; the sample it was built from is free again afterwards. */
async function build(
  preset: Preset,
  source: RowSource,
  options: { settings: TrainingSettings; runtime: Runtime | undefined; signal: AbortSignal },
) {
  const { settings, runtime, signal } = options;
  signal.throwIfAborted();
  const { sample, ...rows } = await survey(source, { ...settings, signal });
  const { labels } = sample;
  const { model, weights } = await preset.build(
    { features: sample, ...(labels ? { labels } : {}) },
    purposeRng(settings.seed, 'model'),
    runtime ? { runtime } : {},
  );
  signal.throwIfAborted();
  return { rows, model, weights };
}

function describe(preset: Preset, model: FlowModel, weights: Weights): Json {
  return {
    preset: preset.name,
    inputDim: model.inputDim,
    dim: model.dim,
    parameters: mapValues(weights.parameters, ({ shape }) => shape),
  };
}
