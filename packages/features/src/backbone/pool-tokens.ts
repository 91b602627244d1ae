import type { ModelProto, TensorInfo } from '@ood/onnx';
import type { Pooling } from './backbone.ts';
import { backboneInputs } from './inputs.ts';
import type { NodeBuilder } from './layers/node-builder.ts';

type Builder = Pick<NodeBuilder, 'add' | 'constant'>;

/** Opset with CumSum. */
const OPSET = 11n;

/** The input that says which tokens are real, a mask `[batch, tokens]`; none for a model of before CumSum. */
export function tokenMask(model: ModelProto): TensorInfo | undefined {
  if (!model.opsetImport.some(({ domain, version }) => domain === '' && version >= OPSET)) return undefined;
  const masks = backboneInputs(model).filter(({ name, dims }) => /mask/i.test(name) && dims.length === 2);
  return masks.length === 1 ? masks[0] : undefined;
}

/**
 * Features `[batch, tokens, d]` as `[batch, d]`: the first token, the last or the mean of those whose mask is not 0; of all without a mask.
 * With one, padding changes nothing, on whichever side it is: the first token is then the first real one.
 */
export function poolTokens(
  { add, constant }: Builder,
  features: string,
  {
    pooling,
    mask,
  }: { readonly pooling: Exclude<Pooling, 'none' | 'mean-channels-last'>; readonly mask: string | undefined },
): string {
  const index = (value: bigint) =>
    constant(value < 0n ? 'last' : 'first', {
      type: 'int64',
      dims: [],
      data: BigInt64Array.of(value),
    });
  if (mask === undefined) {
    if (pooling !== 'mean')
      return add('Gather', [features, index(pooling === 'cls' ? 0n : -1n)], { axis: 1n });
    // Tokens as width: works alike in every opset, unlike ReduceMean.
    return add('Flatten', [add('GlobalAveragePool', [add('Transpose', [features], { perm: [0n, 2n, 1n] })])]);
  }
  const real = add('Cast', [add('Cast', [mask], { to: BOOL })], { to: FLOAT });
  const weights = pooling === 'mean' ? real : oneOf({ add, constant }, real, pooling);
  // [batch, tokens, d] by channels: weights · features, over the sum of the weights.
  const column = reshape({ add, constant }, weights, [0n, -1n, 1n]);
  const float = add('Cast', [features], { to: FLOAT });
  const byToken = add('Transpose', [float], { perm: [0n, 2n, 1n] });
  const sum = add('MatMul', [byToken, column]);
  const ones = add('Add', [add('Mul', [real, scalar({ constant }, 0)]), scalar({ constant }, 1)]);
  const count = add('MatMul', [reshape({ add, constant }, ones, [0n, 1n, -1n]), column]);
  return add('Flatten', [add('Div', [sum, count])]);
}

const [FLOAT, BOOL] = [1n, 9n];

/** 1 for the first or last real token of each row, else 0. */
function oneOf({ add, constant }: Builder, real: string, pooling: 'cls' | 'last'): string {
  const axis = constant('axis', { type: 'int64', dims: [], data: BigInt64Array.of(1n) });
  const last = pooling === 'last';
  // Counted from the end in question, the token in question is the first of those that are real.
  const counted = add('CumSum', [real, axis], last ? { reverse: 1n } : {});
  const isFirst = add('Cast', [add('Equal', [counted, scalar({ constant }, 1)])], { to: FLOAT });
  return add('Mul', [isFirst, real]);
}

function reshape({ add, constant }: Builder, tensor: string, dims: readonly bigint[]): string {
  const shape = constant('shape', { type: 'int64', dims: [dims.length], data: BigInt64Array.from(dims) });
  return add('Reshape', [tensor, shape]);
}

function scalar({ constant }: Pick<NodeBuilder, 'constant'>, value: number): string {
  return constant(`${value}`, { type: 'float32', dims: [], data: Float32Array.of(value) });
}
