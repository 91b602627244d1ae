import { createFlow, type Flow } from '../flow/flow.ts';
import type { Preset } from '../presets/preset.ts';
import type { FitOptions } from './fit-options.ts';
import type { History } from './history.ts';
import type { RowSource } from './source.ts';
import { trainPreset } from './train-preset.ts';

export interface FitResult {
  /** Holds native memory once it has scored: close it when done. Its `about` says how it was made. */
  readonly flow: Flow;
  readonly history: History;
}

/**
 * Fits a flow to in-distribution rows: surveys the source, builds the preset's model, initializes it on the first batch,
 * trains it, and returns it with the weights of the best validation likelihood (the last ones, where no rows are held out).
 *
 * Settings not given come from the preset. The same seed, rows, settings and thread count give the same bytes.
 *
 * @throws FlowsError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `BAD_LABELS`, `INVALID_OPTION`, `NON_FINITE_LOSS`,
 *   `BAD_CHECKPOINT`, `ENGINE_UNAVAILABLE`; the signal's reason on abort.
 */
export async function fit(preset: Preset, source: RowSource, options: FitOptions = {}): Promise<FitResult> {
  const { model, weights, history, engine, about } = await trainPreset(preset, source, options);
  const { runtime, threads } = options;
  const flow = createFlow(model, weights, { engine, about, runtime, threads });
  return { flow, history };
}
