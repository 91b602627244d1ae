import { elementCount } from '@ood/core';
import { checkModel } from '../check/check-model.ts';
import type { Problem } from '../check/problem.ts';
import { externalLocations } from '../external-data/external-data.ts';
import { graphOf } from '../graph/graph-index.ts';
import { describeType, dimsOf } from '../graph/value-info.ts';
import { tensorsOf } from '../graph/walk.ts';
import { inferShapes } from '../infer/infer-shapes.ts';
import type { ModelProto, ValueInfoProto } from '../schema/generated/onnx_pb.ts';
import type { TensorInfo } from '../session/session.ts';
import { byteLengthOf } from '../tensor/data-types.ts';

/** An input or output; `type` may be one that sessions cannot carry, e.g. `sequence(float32)`. */
export interface ValueDescription {
  readonly name: string;
  readonly type: string;
  /** Null where the rank is unknown. */
  readonly dims: TensorInfo['dims'] | null;
}

/** What a model is, as data that JSON can hold. */
export interface ModelDescription {
  readonly graph: string;
  readonly producer: string;
  readonly irVersion: number;
  /** Versions of operator sets by domain; ONNX's own is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  readonly nodes: number;
  /** How often each operator occurs, most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** Elements of all tensors that the file fixes (initializers, constants, also in branches and functions), and their bytes. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Names of model-local functions. */
  readonly functions: readonly string[];
  /** Files besides its own that it refers to. */
  readonly externalData: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly documentation: string;
  readonly problems: readonly Problem[];
}

/** Returns what a model is: what it takes, gives and is made of, and what is wrong with it. */
export function describeModel(model: ModelProto): ModelDescription {
  const graph = graphOf(model);
  const constants = new Set(graph.initializer.map(tensor => tensor.name));
  const { tensors } = inferShapes(model);
  const describe = (info: ValueInfoProto): ValueDescription => ({
    name: info.name,
    type: describeType(info.type),
    dims: dimsOf(info.type) ?? tensors.get(info.name)?.dims ?? null,
  });
  return {
    graph: graph.name,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    irVersion: Number(model.irVersion),
    opsets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain || 'ai.onnx', Number(version)]),
    ),
    inputs: graph.input.filter(input => !constants.has(input.name)).map(describe),
    outputs: graph.output.map(describe),
    nodes: graph.node.length,
    operators: countOperators(model),
    ...countParameters(model),
    functions: model.functions.map(({ domain, name }) => (domain ? `${domain}.${name}` : name)),
    externalData: safeLocations(model),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    documentation: model.docString,
    problems: checkModel(model),
  };
}

function countParameters({
  graph,
  functions,
}: ModelProto): Pick<ModelDescription, 'parameters' | 'parameterBytes'> {
  let [parameters, parameterBytes] = [0, 0];
  for (const tensor of tensorsOf({ graph, functions, trainingInfo: [] })) {
    // Negative sizes are among the problems.
    parameters += Math.max(0, elementCount(tensor.dims.map(Number)));
    parameterBytes += Math.max(0, byteLengthOf(tensor) ?? 0);
  }
  return { parameters, parameterBytes };
}

function countOperators(model: ModelProto): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { domain, opType } of graphOf(model).node) {
    const name = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

/** Locations as they stand in the file; unsafe ones are among the problems. */
function safeLocations(model: ModelProto): string[] {
  try {
    return externalLocations(model);
  } catch {
    const entries = [...tensorsOf(model)].flatMap(tensor => tensor.externalData);
    return [...new Set(entries.filter(({ key }) => key === 'location').map(({ value }) => value))];
  }
}
