import {
  describeType,
  dimsOf,
  graphOf,
  type ModelProto,
  readValueInfo,
  type Tensor,
  type TensorInfo,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';

/** The tensors a user feeds: inputs of the graph that no initializer gives a default. @throws FeaturesError */
export function backboneInputs(model: ModelProto): TensorInfo[] {
  const graph = graphOf(model);
  const defaults = new Set(graph.initializer.map(tensor => tensor.name));
  const fed = graph.input.filter(input => !defaults.has(input.name));
  if (fed.length === 0) {
    throw new FeaturesError('UNSUPPORTED_INPUT', {
      where: `graph ${JSON.stringify(graph.name)}`,
      expected: 'an input for images or vectors',
      got: 'a graph without inputs',
      advice: 'export the model with its input',
    });
  }
  return fed.map(input => {
    const where = `input ${JSON.stringify(input.name)}`;
    const info = readValueInfo(input);
    if (info === undefined || info.type === 'string') {
      throw new FeaturesError('UNSUPPORTED_INPUT', {
        where,
        expected: 'a tensor of numbers',
        got: describeType(input.type),
        advice: describeType(input.type).includes('float')
          ? 'export the model with inputs of float32 or float16; its weights may stay as they are'
          : 'put the conversion (e.g. a tokenizer) in front of the model, outside the graph',
        details: { input: input.name },
      });
    }
    if (dimsOf(input.type)?.length === 0) {
      throw new FeaturesError('UNSUPPORTED_INPUT', {
        where,
        expected: 'a batch, or a value that is the same for every sample',
        got: 'a scalar',
        advice: `give it a value: inputs: { ${JSON.stringify(input.name)}: … }, or --input ${input.name}=VALUE`,
        details: { input: input.name },
      });
    }
    if (info.dims.length === 0) {
      throw new FeaturesError('UNKNOWN_SHAPE', {
        where,
        expected: 'a declared shape whose first dimension is the batch',
        got: 'none',
        advice: 'export the model with shapes',
        details: { input: input.name },
      });
    }
    if (info.dims.includes(0)) {
      throw new FeaturesError('UNKNOWN_SHAPE', {
        where,
        expected: 'positive or free sizes',
        got: `[${info.dims.map(dim => dim ?? '?').join(', ')}]`,
        advice: 'export the model with a dynamic batch axis',
        details: { input: input.name, dims: info.dims },
      });
    }
    return info;
  });
}

/** Returns a batch by input name, checked against the model. @throws FeaturesError `WRONG_INPUT` */
export function checkBatch(
  inputs: readonly TensorInfo[],
  batch: Tensor | Readonly<Record<string, Tensor>>,
): { feeds: Record<string, Tensor>; rows: number } {
  const feeds = isTensor(batch) ? { [inputs[0]?.name ?? '']: batch } : batch;
  let rows: number | undefined;
  for (const info of inputs) {
    const tensor = feeds[info.name];
    const where = `input ${JSON.stringify(info.name)}`;
    const expected = `a ${info.type} tensor [${info.dims.map(dim => dim ?? '?').join(', ')}]`;
    const wrong = (got: string, advice?: string): FeaturesError =>
      new FeaturesError('WRONG_INPUT', {
        where,
        expected,
        got,
        ...(advice !== undefined && { advice }),
        details: { input: info.name, dims: tensor?.dims, type: tensor?.type },
      });
    if (tensor === undefined) {
      throw wrong('nothing', inputs.length > 1 ? 'give tensors by name for all inputs' : undefined);
    }
    if (tensor.type !== info.type) throw wrong(`${tensor.type} [${tensor.dims.join(', ')}]`);
    const axis = firstMismatch(info.dims, tensor.dims);
    if (axis !== undefined) throw wrong(`[${tensor.dims.join(', ')}]`, channelAdvice(info, tensor, axis));
    if (tensor.data.length !== tensor.dims.reduce((product, dim) => product * dim, 1)) {
      throw wrong(`${tensor.data.length} elements for shape [${tensor.dims.join(', ')}]`);
    }
    if (rows !== undefined && tensor.dims[0] !== rows)
      throw wrong(`${tensor.dims[0]} rows`, `give ${rows}, as before`);
    rows = tensor.dims[0]!;
  }
  const unknown = Object.keys(feeds).find(name => !inputs.some(info => info.name === name));
  if (unknown !== undefined) {
    throw new FeaturesError('WRONG_INPUT', {
      where: `input ${JSON.stringify(unknown)}`,
      expected: `one of ${inputs.map(info => JSON.stringify(info.name)).join(', ')}`,
      got: JSON.stringify(unknown),
      details: { input: unknown },
    });
  }
  return { feeds: { ...feeds }, rows: rows ?? 0 };
}

function isTensor(batch: Tensor | Readonly<Record<string, Tensor>>): batch is Tensor {
  return typeof batch.type === 'string' && Array.isArray(batch.dims);
}

/** The first axis that does not fit; the batch may have any size. */
function firstMismatch(declared: TensorInfo['dims'], actual: readonly number[]): number | undefined {
  if (declared.length !== actual.length) return -1;
  const axis = declared.findIndex((dim, i) => i > 0 && typeof dim === 'number' && dim !== actual[i]);
  return axis < 0 ? undefined : axis;
}

function channelAdvice(info: TensorInfo, tensor: Tensor, axis: number): string | undefined {
  if (info.dims.length !== 4 || axis < 1) return undefined;
  const channels = [1, 3].find(i => typeof info.dims[i] === 'number' && info.dims[i] <= 4);
  if (channels === undefined) return 'resize the images to what the model takes';
  const swapped = tensor.dims[channels === 1 ? 3 : 1] === info.dims[channels];
  if (swapped) return `put the channels ${channels === 1 ? 'first (NCHW)' : 'last (NHWC)'}`;
  return axis === channels
    ? `the model takes images of ${info.dims[channels]} channel${info.dims[channels] === 1 ? '' : 's'}`
    : 'resize the images to what the model takes';
}
