import { having, oneOf, requireOptions, text, whole } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { FlowsError } from '../errors.ts';
import type { Flow } from '../flow/flow.ts';
import { flowGraph, foldedFlow } from '../flow/score-graph.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';

export interface ToOnnxOptions {
  /** What the graph computes: log p `[batch]`, or latents `[batch, model.dim]`. Default: `'log-density'`. */
  readonly of?: 'log-density' | 'latent';
  /** Name of the graph's input, `[batch, model.inputDim]` raw features. Default: `'features'`. */
  readonly input?: string;
  /** Name of its output, log-densities in nats or latents. Default: `'log_prob'`. */
  readonly output?: string;
  /** Version of the ONNX operator set. Default: 17. */
  readonly opset?: number;
  /** What multiplies matrices while weights are folded. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
}

const RULES = {
  of: oneOf('log-density', 'latent'),
  input: text,
  output: text,
  opset: whole,
  runtime: having('a runtime', 'createSession'),
};

/**
 * The flow as an ONNX model: raw features → log p or latents, any batch size, weights baked in, runs of linear layers folded to one matrix.
 *
 * @throws FlowsError `NOT_EXPORTABLE` where the log-density needs a sequential pass per dimension or is an estimate, `INVALID_OPTION`;
 *   the OnnxError of `@ood/onnx` for an opset or a name that a graph cannot have.
 */
export async function toOnnx(
  { model, weights }: Pick<Flow, 'model' | 'weights'>,
  options: ToOnnxOptions = {},
): Promise<Uint8Array> {
  const refusal = model.bijection.refusals?.forward;
  if (refusal !== undefined) {
    throw new FlowsError('NOT_EXPORTABLE', {
      where: 'toOnnx',
      expected: 'a log-density in one exact pass',
      got: `a flow that has none: ${refusal}`,
      advice: 'export a flow of couplings, or score with this library',
    });
  }
  return scoringModel({ model, weights }, options);
}

/**
 * What `logProb` (or `transform`) of the flow runs, as an ONNX model like that of {@link toOnnx}: also of flows whose log-density is
 * an estimate (with its fixed probes) or takes many passes, so that they can be scored without TensorFlow.js.
 *
 * @throws CoreError `INVALID_OPTION`; the OnnxError of `@ood/onnx` for an opset or a name that a graph cannot have.
 */
export async function scoringModel(
  { model, weights }: Pick<Flow, 'model' | 'weights'>,
  options: ToOnnxOptions = {},
): Promise<Uint8Array> {
  requireOptions('toOnnx', options, RULES);
  const { of = 'log-density', input = 'features', output = 'log_prob', opset = 17, runtime } = options;
  const folded = await foldedFlow(model, weights, runtime ?? (await defaultRuntime()));
  return flowGraph(folded.model, folded.weights, of === 'latent' ? 'transform' : 'logProb', {
    input,
    output,
    opset,
    name: 'flow',
  }).bytes;
}
