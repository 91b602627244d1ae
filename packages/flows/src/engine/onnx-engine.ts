import type { Runtime, Session, SessionOptions, Tensor } from '@ood/onnx';
import type { NamedArrays } from '../contract/arrays.ts';
import { adamStep } from '../optimizer/adam.ts';
import type { AdamOptions } from '../optimizer/adam-options.ts';
import { layOut, type ParameterSlot } from '../optimizer/arena.ts';
import { averageWeights } from '../optimizer/weight-averaging.ts';
import type { Batch } from '../training/batch-feed.ts';
import type { StateKind, TrainingEngine } from './training-engine.ts';
import { adaptedPrefix, noiseInput, rowsInput, type TrainingProgram } from './training-program.ts';

export interface OnnxEngineOptions {
  readonly runtime: Runtime;
  readonly adam: AdamOptions;
  /** Decay of the running average, or `null`. */
  readonly averaging: number | null;
  readonly session?: SessionOptions;
}

const float32 = (dims: readonly number[], data: Float32Array): Tensor => ({ type: 'float32', dims, data });

/**
 * The recorded graphs in an ONNX runtime. The runtime reads parameters from, and writes gradients to, the memory of the
 * optimizer, so that nothing is copied in a step.
 */
export async function onnxEngine(
  program: TrainingProgram,
  initial: NamedArrays,
  { runtime, adam, averaging, session: sessionOptions }: OnnxEngineOptions,
): Promise<TrainingEngine> {
  const slots = layOut(
    Object.entries(initial).map(([name, { shape }]) => ({ name, shape })),
    { averaging: averaging !== null },
  );
  copyInto(slots, 'value', initial);
  if (averaging !== null) copyInto(slots, 'average', initial);

  const tensors = (kind: StateKind) =>
    Object.fromEntries(slots.map(slot => [slot.name, float32(slot.shape, slot[kind]!)]));
  const values = tensors('value');
  const averages = averaging === null ? values : tensors('average');
  const loss = new Float32Array(1);
  const results: Record<string, Tensor> = { loss: float32([], loss) };
  for (const slot of slots) results[`grad.${slot.name}`] = float32(slot.shape, slot.gradient);

  const rows = ({ rows: count, data }: Batch, noise?: Float32Array): Record<string, Tensor> => ({
    [rowsInput]: float32([count, program.cols], data),
    ...(noise ? { [noiseInput]: float32([count, program.dim], noise) } : {}),
  });

  const step = await runtime.createSession(program.step, sessionOptions);
  let evaluate: Session | undefined;

  return {
    name: `${runtime.name} ${runtime.version}`,
    async adapt(batch, noise) {
      if (!program.adapt) return;
      const session = await runtime.createSession(program.adapt, sessionOptions);
      try {
        const adapted = await session.run(feedsOf(session, { ...values, ...rows(batch, noise) }));
        for (const slot of slots) {
          const tensor = adapted[`${adaptedPrefix}.${slot.name}`];
          if (tensor) slot.value.set(tensor.data as Float32Array);
          slot.average?.set(slot.value);
        }
      } finally {
        await session.close();
      }
    },
    async gradients(batch, noise) {
      await step.run(feedsOf(step, { ...values, ...rows(batch, noise) }), results);
      return loss[0]!;
    },
    async update(position) {
      const norm = adamStep(slots, position, adam);
      if (averaging !== null) averageWeights(slots, averaging, position.step);
      return norm;
    },
    async logProb(batch, noise, weights) {
      evaluate ??= await runtime.createSession(program.evaluate, sessionOptions);
      const feeds = { ...(weights === 'average' ? averages : values), ...rows(batch, noise) };
      const { logProb } = await evaluate.run(feedsOf(evaluate, feeds));
      return logProb!.data as Float32Array;
    },
    async read(kind) {
      const kept = slots.flatMap(slot =>
        slot[kind] ? [[slot.name, { shape: slot.shape, data: slot[kind] }]] : [],
      );
      return Object.fromEntries(kept);
    },
    async write(kind, arrays) {
      copyInto(slots, kind, arrays);
    },
    async close() {
      await step.close();
      await evaluate?.close();
    },
  };
}

/** Those of the tensors that the graph takes: a parameter that a graph does not depend on is no input of it. */
function feedsOf(session: Session, tensors: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(session.inputs.map(({ name }) => [name, tensors[name]!]));
}

function copyInto(slots: readonly ParameterSlot[], kind: StateKind, arrays: NamedArrays): void {
  for (const slot of slots) slot[kind]!.set(arrays[slot.name]!.data);
}
