import { callable, having, invalidOption, oneOf, type Rule, requireOptions, text, whole } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import type { EngineChoice } from '../engine/choose-engine.ts';
import type { FitProgress } from './progress.ts';
import { settingRules, type TrainingSettings } from './settings.ts';

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
  readonly now?: () => number;
}

const rules: Readonly<Record<string, Rule>> = {
  ...settingRules,
  engine: oneOf('auto', 'onnx', 'tfjs'),
  runtime: having('a runtime', 'createSession'),
  threads: whole,
  checkpoint: having('an object with a path'),
  signal: having('an AbortSignal', 'throwIfAborted', 'addEventListener'),
  onProgress: callable,
  now: callable,
};

/**
 * Refuses options of `fit` that do not exist or cannot be meant.
 *
 * @throws FlowsError `INVALID_OPTION` naming the option, what it must be and what it was.
 */
export function requireFitOptions(options: FitOptions): void {
  requireOptions('fit', options, rules);
  const { checkpoint } = options;
  if (!checkpoint) return;
  requireOptions('fit, option "checkpoint"', checkpoint, { path: text, everySteps: whole });
  if (checkpoint.path === undefined)
    throw invalidOption('fit, option "checkpoint"', 'path', 'the path of a file', 'none', 'name one');
}
