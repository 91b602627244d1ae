import type { Runtime } from '@ood/onnx';
import type { Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { onnxEngine } from '../engine/onnx-engine.ts';
import { recordProgram } from '../engine/record-program.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import type { TrainingEngine } from '../engine/training-engine.ts';
import { FlowsError } from '../errors.ts';
import type { BatchFeed } from './batch-feed.ts';
import type { CheckpointIdentity } from './checkpoint.ts';
import { type StepReport, type Trained, type TrainingPlan, train } from './train.ts';

export interface TrainingRun {
  readonly engine: 'onnx' | 'tfjs';
  readonly runtime: Runtime | undefined;
  readonly threads: number | undefined;
  readonly model: FlowModel;
  readonly weights: Weights;
  readonly plan: TrainingPlan;
  readonly checkpoint: { readonly path: string; readonly identity: CheckpointIdentity } | undefined;
  readonly feed: BatchFeed;
  readonly report: (report: StepReport) => void;
  readonly signal: AbortSignal;
}

/** Trains where the run says: a recorded graph in a worker or in this thread, or TensorFlow.js in this thread. */
export async function runTraining(run: TrainingRun): Promise<Trained> {
  const { model, weights, plan, runtime, threads, checkpoint, feed, report, signal } = run;
  const noisy = plan.settings.noise > 0;
  if (run.engine === 'tfjs') {
    const { averaging } = plan.settings;
    return inThisThread(await tfjsEngine(model, weights, { noisy, adam: plan.settings, averaging }), run);
  }
  const program = recordProgram(model, weights, noisy);
  if (runtime) {
    const { averaging } = plan.settings;
    const engine = await onnxEngine(program, weights.parameters, {
      runtime,
      adam: plan.settings,
      averaging,
      session: { threads },
    });
    return inThisThread(engine, run);
  }
  requireNode();
  const { trainInWorker } = await import('./train-in-worker.ts');
  const task = { program, initial: weights.parameters, plan, threads, checkpoint };
  return trainInWorker(task, { feed, report, signal });
}

async function inThisThread(engine: TrainingEngine, run: TrainingRun): Promise<Trained> {
  const { plan, feed, report, signal, checkpoint } = run;
  try {
    if (!checkpoint) return await train(engine, plan, { feed, report, signal });
    requireNode();
    const { checkpointFile } = await import('./checkpoint-file.ts');
    const checkpoints = checkpointFile(checkpoint.path, checkpoint.identity);
    return await train(engine, plan, { feed, report, signal, checkpoints });
  } finally {
    await engine.close();
  }
}

/** Worker threads and files are Node's. */
function requireNode(): void {
  if (typeof process !== 'undefined' && process.versions?.node) return;
  throw new FlowsError('ENGINE_UNAVAILABLE', {
    where: 'fit',
    expected: 'Node for training in a worker thread and for checkpoints',
    got: 'another environment',
    advice: 'pass a runtime, e.g. webRuntime of @ood/onnx/web, and no checkpoint',
  });
}
