import { Checksum, processorCount } from '@ood/core';
import type { Json, NamedArrays, Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { chooseEngine } from '../engine/choose-engine.ts';
import { describeModel } from '../persistence/registry.ts';
import type { Preset } from '../presets/preset.ts';
import { batchesPerEpoch, batchFeed } from './batch-feed.ts';
import { buildModel, requirePreset } from './build-model.ts';
import type { CheckpointIdentity } from './checkpoint.ts';
import { type FitOptions, requireFitOptions } from './fit-options.ts';
import type { History } from './history.ts';
import { progressMeter } from './progress.ts';
import { runTraining } from './run-training.ts';
import { resolveSettings } from './settings.ts';
import { type RowSource, requireSource } from './source.ts';

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
  const { signal = new AbortController().signal, onProgress, now, threads, checkpoint, runtime } = options;
  requireSource(source);
  requirePreset(preset);
  requireFitOptions(options);
  const settings = resolveSettings(preset.training, options);
  const { engine, note } = await chooseEngine(options.engine ?? 'auto');
  signal.throwIfAborted();
  const { rows, model, weights } = await buildModel(preset, source, { settings, runtime, threads, signal });
  const stepsPerEpoch = batchesPerEpoch(rows, settings.batchSize);
  const totalSteps = settings.steps ?? stepsPerEpoch * settings.epochs;
  const usedThreads = threads ?? { chosenByRuntime: processorCount() ?? null };
  const identity: CheckpointIdentity = {
    settings: settings as unknown as Json,
    rows: rows.fingerprint,
    model: describe(preset, model, weights),
    engine,
    threads: usedThreads,
  };
  const report = progressMeter(
    {
      totalSteps,
      totalEpochs: Math.ceil(totalSteps / stepsPerEpoch),
      batchSize: settings.batchSize,
      now,
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
      totalSteps,
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

/** What tells a model from others: its mathematics, and numbers that come from data or chance and are not trained. */
function describe(preset: Preset, model: FlowModel, weights: Weights): Json {
  return {
    preset: preset.name,
    ...describeModel(model),
    constants: checksumOf(weights.constants),
  };
}

function checksumOf(arrays: NamedArrays): string {
  const sum = new Checksum();
  for (const [name, { data }] of Object.entries(arrays)) sum.text(name).numbers(data);
  return sum.digest();
}
