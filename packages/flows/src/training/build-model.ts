import type { Runtime } from '@ood/onnx';
import type { Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { FlowsError } from '../errors.ts';
import type { BuildOptions, Preset } from '../presets/preset.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';
import type { TrainingSettings } from './settings.ts';
import type { RowSource } from './source.ts';
import { purposeRng } from './streams.ts';
import { type Survey, survey } from './survey.ts';

/** @throws FlowsError `INVALID_OPTION` for what is no preset. */
export function requirePreset(preset: unknown): void {
  const { name, training, build } = Object(preset) as Partial<Preset>;
  if (typeof name === 'string' && typeof training === 'object' && typeof build === 'function') return;
  throw new FlowsError('INVALID_OPTION', {
    where: 'fit',
    expected: 'a preset, e.g. fde()',
    got: typeof preset === 'function' ? 'a function' : String(preset),
    advice: 'call the function that makes the preset, or pass { name, training, build }',
  });
}

interface BuildSettings {
  readonly settings: TrainingSettings;
  readonly runtime: Runtime | undefined;
  readonly threads: number | undefined;
  readonly signal: AbortSignal;
}

/** Surveys the rows and builds the model; the sample it was built from is free again afterwards. */
export async function buildModel(
  preset: Preset,
  source: RowSource,
  { settings, runtime, threads, signal }: BuildSettings,
): Promise<{ rows: Omit<Survey, 'sample'>; model: FlowModel; weights: Weights }> {
  signal.throwIfAborted();
  const { sample, ...rows } = await survey(source, { ...settings, signal });
  const { labels } = sample;
  const { model, weights } = await preset.build(
    { features: sample, ...(labels ? { labels } : {}) },
    purposeRng(settings.seed, 'model'),
    buildOptions(runtime, threads),
  );
  signal.throwIfAborted();
  return { rows, model, weights };
}

/** A runtime whose sessions have the thread count of training, where one is given: fitted constants depend on it too. */
function buildOptions(runtime: Runtime | undefined, threads: number | undefined): BuildOptions {
  if (threads === undefined) return { runtime };
  const limited = async (): Promise<Runtime> => runtime ?? defaultRuntime();
  return {
    runtime: {
      name: runtime?.name ?? 'default',
      version: runtime?.version ?? '',
      createSession: async (model, options) =>
        (await limited()).createSession(model, { threads, ...options }),
    },
  };
}
