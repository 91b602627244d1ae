import { elementCount, float32ToFloat16 } from '@ood/core';
import {
  describeType,
  elementArrays,
  freeName,
  graphOf,
  type ModelProto,
  makeNode,
  type NodeProto,
  readValueInfo,
  type Tensor,
  type TensorInfo,
  tensorNames,
  writeTensor,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';

/** Values of inputs that are the same for every sample, by their names: of all elements, or one for each. */
export type FixedInputs = Readonly<Record<string, number | readonly number[]>>;

/**
 * Returns the model with constants in place of inputs. An input of free sizes is filled by as many values as the other inputs say:
 * its free sizes are those of the same name among them, and an only one without a name there is the batch.
 *
 * @throws FeaturesError `INVALID_OPTION` for names that are no inputs, and values that do not fit them
 */
export function withFixedInputs(model: ModelProto, fixed: FixedInputs): ModelProto {
  const names = Object.keys(fixed);
  if (names.length === 0) return model;
  const graph = graphOf(model);
  const defaults = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !defaults.has(name));
  const known = inputs.map(({ name }) => JSON.stringify(name)).join(', ');
  const unknown = names.find(name => !inputs.some(input => input.name === name));
  if (unknown !== undefined) throw invalid(unknown, `one of the model's inputs ${known}`, 'no such input');
  const left = inputs.filter(({ name }) => !Object.hasOwn(fixed, name));
  if (left.length === 0) throw invalid(names[0]!, 'an input that is left for the samples', 'all are fixed');
  const others = left.flatMap(input => readValueInfo(input) ?? []);
  const taken = tensorNames(graph);
  const parts = inputs
    .filter(({ name }) => Object.hasOwn(fixed, name))
    .map(input => {
      const info = readValueInfo(input);
      if (info === undefined || info.type === 'string')
        throw invalid(input.name, 'a tensor of numbers', describeType(input.type));
      return constantInput(info, fixed[input.name]!, { others, taken });
    });
  return {
    ...model,
    graph: {
      ...graph,
      input: graph.input.filter(({ name }) => !Object.hasOwn(fixed, name)),
      initializer: [...graph.initializer, ...parts.flatMap(part => part.initializers)],
      node: [...parts.flatMap(part => part.nodes), ...graph.node],
    },
  };
}

interface Surroundings {
  /** Inputs that are fed. */
  readonly others: readonly TensorInfo[];
  readonly taken: Set<string>;
}

function constantInput(info: TensorInfo, value: number | readonly number[], { others, taken }: Surroundings) {
  const { name, dims } = info;
  const values = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(values) || values.length === 0 || !values.every(isNumber))
    throw invalid(name, 'a number, or one for each element', JSON.stringify(value));
  const fitting = fixedValues(info, values);
  const isFree = dims.some(dim => typeof dim !== 'number');
  if (!isFree) {
    const count = elementCount(dims as readonly number[]);
    if (fitting.length !== 1 && fitting.length !== count)
      throw invalid(name, `one number, or ${count}, for [${dims.join(', ')}]`, `${fitting.length}`);
    const all = fitting.length === count ? fitting : Array.from({ length: count }, () => fitting[0]!);
    return { initializers: [writeTensor(name, tensorOf(info, all, dims as readonly number[]))], nodes: [] };
  }
  if (fitting.length !== 1)
    throw invalid(name, `one number for [${dims.map(dim => dim ?? '?').join(', ')}]`, `${fitting.length}`);
  const fresh = (wanted: string): string => {
    const free = freeName(taken, wanted);
    taken.add(free);
    return free;
  };
  const initializers = [];
  const nodes: NodeProto[] = [];
  const sizes = dims.map((dim, axis) => {
    const size = fresh(`ood.${name}.${axis}`);
    if (typeof dim === 'number') {
      initializers.push(writeTensor(size, int64([dim])));
      return size;
    }
    const source = sourceOf(info, dim, others);
    const [shape, at] = [fresh(`ood.${name}.shape`), fresh(`ood.${name}.axis`)];
    initializers.push(writeTensor(at, int64([source.axis])));
    nodes.push(makeNode('Shape', { inputs: [source.name], outputs: [shape] }));
    nodes.push(makeNode('Gather', { inputs: [shape, at], outputs: [size], attributes: { axis: 0n } }));
    return size;
  });
  const [filler, shape] = [fresh(`ood.${name}.value`), fresh(`ood.${name}.sizes`)];
  initializers.push(writeTensor(filler, tensorOf(info, fitting, [])));
  nodes.push(makeNode('Concat', { inputs: sizes, outputs: [shape], attributes: { axis: 0n } }));
  nodes.push(makeNode('Expand', { inputs: [filler, shape], outputs: [name] }));
  return { initializers, nodes };
}

/** Where a free size is to be found: in an input with one of the same name, else, if it is the only one, in the batch. */
function sourceOf(info: TensorInfo, dim: string | null, others: readonly TensorInfo[]) {
  if (dim !== null)
    for (const { name, dims } of others) {
      const axis = dims.indexOf(dim);
      if (axis >= 0) return { name, axis };
    }
  const first = others.find(({ dims }) => dims.length > 0);
  if (first && info.dims.filter(size => typeof size !== 'number').length === 1)
    return { name: first.name, axis: 0 };
  throw invalid(
    info.name,
    'an input whose free sizes are those of the other inputs',
    `[${info.dims.map(size => size ?? '?').join(', ')}]`,
    'export the model with names for them, or with fixed sizes',
  );
}

const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);

/** The values, as the element type holds them. */
function fixedValues({ name, type }: TensorInfo, values: readonly number[]): readonly number[] {
  const whole = /^u?int/.test(type);
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 0);
  const signed = type.startsWith('int');
  const least = type === 'bool' || !signed ? 0 : -(2 ** (bits - 1));
  const most = type === 'bool' ? 1 : 2 ** (signed ? bits - 1 : bits) - 1;
  const wrong = values.find(
    value => (whole || type === 'bool') && !(Number.isSafeInteger(value) && value >= least && value <= most),
  );
  if (wrong === undefined) return values;
  throw invalid(name, type === 'bool' ? '0 or 1' : `a whole number of ${type}`, `${wrong}`);
}

function tensorOf({ type }: TensorInfo, values: readonly number[], dims: readonly number[]): Tensor {
  if (type === 'int64' || type === 'uint64')
    return { type, dims, data: elementArrays[type].from(values.map(BigInt)) } as Tensor;
  if (type === 'float16') return { type, dims, data: float32ToFloat16(Float32Array.from(values)) };
  return { type, dims, data: elementArrays[type as 'float32'].from(values) } as Tensor;
}

const int64 = (values: readonly number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

function invalid(name: string, expected: string, got: string, advice?: string): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: `option inputs: ${JSON.stringify(name)}`,
    expected,
    got,
    advice,
    details: { option: 'inputs', input: name },
  });
}
