import { freeName, tensorNames } from '../graph/names.ts';
import type { GraphProto } from '../schema/generated/onnx_pb.ts';

/** What every tensor of two graphs is called in the joined one. */
export interface NamePlan {
  readonly first: (name: string) => string;
  readonly second: (name: string) => string;
}

export interface NamePlanOptions {
  readonly connect: Readonly<Record<string, string>>;
  readonly kept: readonly string[];
  readonly prefix: string;
}

/** Gives names so that none is used twice, changing those of inputs and outputs only where both graphs have them. */
export function planNames(first: GraphProto, second: GraphProto, options: NamePlanOptions): NamePlan {
  const { connect, kept, prefix } = options;
  const publicFirst = new Set([...first.input.map(input => input.name), ...kept]);
  const publicSecond = [...second.input, ...second.output]
    .map(info => info.name)
    .filter(name => !Object.hasOwn(connect, name));

  const renameSecond = new Map<string, string>();
  const taken = new Set(publicFirst);
  for (const name of new Set(publicSecond)) {
    const given = taken.has(name) ? freeName(taken, prefix + name) : name;
    taken.add(given);
    if (given !== name) renameSecond.set(name, given);
  }

  const renameFirst = new Map<string, string>();
  const namesOfFirst = tensorNames(first);
  const avoid = new Set([...taken, ...namesOfFirst]);
  for (const name of namesOfFirst) {
    if (publicFirst.has(name) || !taken.has(name)) continue;
    const given = freeName(avoid, `first.${name}`);
    avoid.add(given);
    renameFirst.set(name, given);
  }
  const nameFirst = (name: string): string => renameFirst.get(name) ?? name;

  for (const [input, source] of Object.entries(connect)) renameSecond.set(input, nameFirst(source));
  const namesOfSecond = tensorNames(second);
  const all = new Set([...taken, ...[...namesOfFirst].map(nameFirst), ...namesOfSecond]);
  const clashing = new Set([...taken, ...[...namesOfFirst].map(nameFirst)]);
  const visible = new Set(publicSecond);
  for (const name of namesOfSecond) {
    if (renameSecond.has(name) || visible.has(name) || !clashing.has(name)) continue;
    const given = freeName(all, prefix + name);
    all.add(given);
    renameSecond.set(name, given);
  }
  return { first: nameFirst, second: name => renameSecond.get(name) ?? name };
}
