import { OnnxError } from '../errors.ts';
import { declare } from '../graph/cut.ts';
import { graphOf } from '../graph/graph-index.ts';
import { prefixNodes, renameTensors } from '../graph/rename.ts';
import { type Inference, inferShapes } from '../infer/infer-shapes.ts';
import { dimsText, mayEqual } from '../infer/shaped.ts';
import type { GraphProto, ModelProto, StringStringEntryProto } from '../schema/generated/onnx_pb.ts';
import { dataTypeName } from '../tensor/data-types.ts';
import { mergeFunctions } from './functions.ts';
import { planNames } from './names.ts';
import { reconcileOpsets } from './opsets.ts';

export interface JoinOptions {
  /** Which tensor of the first model feeds which input of the second: `{ secondInput: 'firstTensor' }`. */
  readonly connect: Readonly<Record<string, string>>;
  /** Outputs of the first model that the result keeps. Default: those that feed nothing. */
  readonly keepOutputs?: readonly string[];
  /**
   * Put before names of the second model that the first one uses too. Names of inputs and outputs that only one of the
   * models has stay as they are. Default: `'second.'`.
   */
  readonly prefix?: string;
}

/**
 * Returns one model that runs the first and then the second on its results. Clashing names are changed, and the model of
 * the earlier opset is upgraded to the other's. Inputs: the first model's, then those of the second that nothing feeds.
 * Outputs: the kept ones of the first, then the second's.
 *
 * @throws OnnxError `INCOMPATIBLE_GRAPHS` where types, shapes or opsets cannot go together; `UNKNOWN_TENSOR`
 */
export function joinModels(first: ModelProto, second: ModelProto, options: JoinOptions): ModelProto {
  const { connect, prefix = 'second.' } = options;
  const [a, b] = reconcileOpsets(first, second);
  checkConnections(a, b, connect);
  const fed = new Set(Object.values(connect));
  const outputs = graphOf(a).output.map(output => output.name);
  const kept = options.keepOutputs ?? outputs.filter(name => !fed.has(name));

  const plan = planNames(graphOf(a), graphOf(b), { connect, kept, prefix });
  const left = renameTensors(graphOf(a), plan.first);
  const right = prefixNodes(renameTensors(graphOf(b), plan.second), prefix);
  const { models, functions } = mergeFunctions({ ...a, graph: left }, { ...b, graph: right }, prefix);
  const [x, y] = models.map(graphOf) as [GraphProto, GraphProto];

  const inferenceOfFirst = inferShapes({ ...a, graph: left });
  const fedNames = new Set(Object.keys(connect).map(plan.second));
  const declaredInside = [...x.output, ...x.valueInfo].filter(
    info => fedNames.has(info.name) && !kept.map(plan.first).includes(info.name),
  );
  const graph: GraphProto = {
    ...x,
    node: [...x.node, ...y.node],
    input: [...x.input, ...y.input.filter(input => !fedNames.has(input.name))],
    output: [...kept.map(name => declare(x, inferenceOfFirst, plan.first(name))), ...y.output],
    initializer: [...x.initializer, ...y.initializer.filter(tensor => !fedNames.has(tensor.name))],
    sparseInitializer: [...x.sparseInitializer, ...y.sparseInitializer],
    valueInfo: uniqueByName([...x.valueInfo, ...declaredInside, ...y.valueInfo]),
    quantizationAnnotation: [...x.quantizationAnnotation, ...y.quantizationAnnotation],
    metadataProps: mergeEntries(x.metadataProps, y.metadataProps),
  };
  return {
    ...a,
    irVersion: BigInt(Math.max(Number(a.irVersion), Number(b.irVersion))),
    graph,
    functions,
    metadataProps: mergeEntries(a.metadataProps, b.metadataProps),
  };
}

function checkConnections(a: ModelProto, b: ModelProto, connect: JoinOptions['connect']): void {
  const [from, to] = [inferShapes(a), inferShapes(b)];
  const inputs = graphOf(b).input.map(input => input.name);
  for (const [input, source] of Object.entries(connect)) {
    if (!from.tensors.has(source))
      throw unknown(source, 'a tensor of the first model', [...from.tensors.keys()]);
    if (!inputs.includes(input)) throw unknown(input, 'an input of the second model', inputs);
    checkFit(from, to, source, input);
  }
}

function checkFit(from: Inference, to: Inference, source: string, input: string): void {
  const [made, wanted] = [from.tensors.get(source) ?? {}, to.tensors.get(input) ?? {}];
  const where = `connection of ${JSON.stringify(source)} to ${JSON.stringify(input)}`;
  if (made.type !== undefined && wanted.type !== undefined && made.type !== wanted.type) {
    throw new OnnxError('INCOMPATIBLE_GRAPHS', {
      where,
      expected: dataTypeName(wanted.type),
      got: dataTypeName(made.type),
      advice: 'put a Cast between them (appendNodes)',
      details: { source, input },
    });
  }
  const [a, b] = [made.dims, wanted.dims];
  if (a === undefined || b === undefined) return;
  if (a.length === b.length && a.every((dim, axis) => mayEqual(dim, b[axis]))) return;
  throw new OnnxError('INCOMPATIBLE_GRAPHS', {
    where,
    expected: `shape ${dimsText(b)}`,
    got: dimsText(a),
    details: { source, input },
  });
}

function unknown(name: string, expected: string, known: readonly string[]): OnnxError {
  return new OnnxError('UNKNOWN_TENSOR', {
    where: 'connection of two models',
    expected: `${expected}, e.g. ${known
      .slice(-5)
      .map(other => JSON.stringify(other))
      .join(', ')}`,
    got: JSON.stringify(name),
    details: { tensor: name },
  });
}

function uniqueByName<T extends { name: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map(item => [item.name, item])).values()];
}

function mergeEntries(
  first: readonly StringStringEntryProto[],
  second: readonly StringStringEntryProto[],
): StringStringEntryProto[] {
  const keys = new Set(first.map(entry => entry.key));
  return [...first, ...second.filter(entry => !keys.has(entry.key))];
}
