import { isOodError, type OodError } from '@ood/core';
import {
  cutModel,
  type ModelProto,
  openModel,
  type Runtime,
  type SessionOptions,
  type Tensor,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneOutput } from './backbone.ts';
import { type BatchRunner, firstRow, runBatch } from './run-batch.ts';

/** Runs the probe, and finds out whether the graph takes any number of rows, a declared one, or, against its word, only one. */
export async function probeBatch(
  parts: Omit<BatchRunner, 'batchSize'>,
  probe: Readonly<Record<string, Tensor>>,
): Promise<{ runner: BatchRunner; output: BackboneOutput }> {
  const declared = parts.inputs[0]?.dims[0];
  const runner = { ...parts, batchSize: typeof declared === 'number' ? declared : null };
  try {
    return { runner, output: await runBatch(runner, probe) };
  } catch (error) {
    if (runner.batchSize !== null) throw error;
    const single = { ...parts, batchSize: 1 };
    await runBatch(single, firstRow(probe)).catch(() => {
      throw error;
    });
    return { runner: single, output: await runBatch(single, probe) };
  }
}

/** Shapes of tensors of the model, by running it. @throws FeaturesError `PROBE_FAILED` */
export async function probeDims(
  runtime: Runtime,
  model: ModelProto,
  tensors: readonly string[],
  probe: Readonly<Record<string, Tensor>>,
  options: SessionOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const session = await openModel(runtime, cutModel(model, { outputs: tensors }), options);
  try {
    const feeds = Object.fromEntries(session.inputs.map(input => [input.name, probe[input.name]!]));
    const made = await session.run(feeds);
    return new Map(tensors.map(tensor => [tensor, made[tensor]!.dims]));
  } catch (cause) {
    const where =
      tensors.length === 1 ? `layer ${JSON.stringify(tensors[0])}` : (options.source ?? 'the model');
    throw probeFailed(where, probe, cause);
  } finally {
    await session.close();
  }
}

/** Refusals that say what is wrong already. */
const OWN = ['TIMED_OUT', 'TOO_LARGE', 'ABORTED', 'WORKER_FAILED', 'OUT_OF_MEMORY'];

/** The error for a model that does not run on the probe. */
export function probeFailed(
  where: string,
  probe: Readonly<Record<string, Tensor>>,
  cause: unknown,
): OodError {
  if (isOodError(cause, ...OWN)) return cause;
  const shapes = Object.entries(probe).map(
    ([name, { dims }]) => `${JSON.stringify(name)} [${dims.join(', ')}]`,
  );
  return new FeaturesError('PROBE_FAILED', {
    where,
    expected: `the model to run on noise of shape ${shapes.join(', ')}`,
    got: cause instanceof Error ? cause.message : String(cause),
    advice: 'if free dimensions must have other sizes, give them as freeDimensions',
    details: { shapes },
    cause,
  });
}
