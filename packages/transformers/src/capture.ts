import { type Matrix, stackRows } from '@ood/core';
import { TransformersError } from './errors.ts';
import type { OpenFeatures } from './open-features.ts';
import { countInputs, type NativeSession, type NativeTensor, type PipelineParts } from './pipeline.ts';

/**
 * The session as a pipeline sees it: its own outputs, and no more. Each pass hands its features to `take`.
 *
 * One such view per call is what keeps calls that run at the same time apart.
 */
function viewOf(
  { session, added, read }: OpenFeatures,
  take: (features: Promise<Matrix<Float32Array>>) => void,
): NativeSession {
  const outputNames = session.outputNames.filter(name => !added.has(name));
  const run = async (feeds: Record<string, NativeTensor>, ...rest: unknown[]) => {
    const outputs = await session.run(feeds, ...rest);
    const features = read(outputs, feeds);
    take(features);
    await features;
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => !added.has(name)));
  };
  return withMembers(session, { run, outputNames });
}

/** The object with some members in place of its own; functions called on it otherwise run on the object itself. */
function withMembers<T extends object>(object: T, members: Readonly<Record<string, unknown>>): T {
  return new Proxy(object, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(members, key)) return members[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
    },
  });
}

/** A callable of transformers.js (a pipeline or a model) with some members in place of its own, also for its own methods. */
export function callableWith<T extends object>(callable: T, members: Readonly<Record<string, unknown>>): T {
  const proxy: T = new Proxy(callable, {
    get(target, key, receiver) {
      if (typeof key === 'string' && Object.hasOwn(members, key)) return members[key];
      return Reflect.get(target, key, receiver);
    },
    apply: (_target, _self, args) => (proxy as unknown as PipelineParts)._call(...args),
  });
  return proxy;
}

/** The model of a pipeline on another session. */
export function modelOn({ model }: PipelineParts, session: NativeSession): PipelineParts['model'] {
  return callableWith(model, { sessions: { ...model.sessions, model: session } });
}

/** The session of a pipeline's model without what is added to its outputs. */
export const plainSession = (features: OpenFeatures): NativeSession => viewOf(features, () => {});

/** Calls a pipeline. @returns what it returns, and the features of each of its inputs, from the same passes */
export async function callWithFeatures(
  pipe: PipelineParts,
  features: OpenFeatures,
  args: readonly unknown[],
): Promise<{ readonly output: unknown; readonly rows: Matrix<Float32Array> }> {
  const taken: Promise<Matrix<Float32Array>>[] = [];
  const session = viewOf(features, rows => taken.push(rows));
  const output = await callableWith(pipe, { model: modelOn(pipe, session) })._call(...args);
  const parts = await Promise.all(taken);
  const rows = stackRows(parts, parts[0]?.cols ?? 0) as Matrix<Float32Array>;
  const inputs = countInputs(args[0]);
  if (rows.rows === inputs) return { output, rows };
  throw new TransformersError('WRONG_SHAPE', {
    where: `pipeline '${pipe.task}'`,
    expected: `one row of features for each of ${inputs} inputs`,
    got: `${rows.rows} from ${parts.length} passes`,
    advice: 'pass inputs as a list, or one by one',
    details: { inputs, rows: rows.rows },
  });
}
