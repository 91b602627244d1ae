import { firstColumns } from '@ood/core';
import {
  flattenModel,
  graphOf,
  indexGraph,
  inferShapes,
  openModel,
  type Runtime,
  type SessionOptions,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type {
  BackboneDescription,
  BackboneGraph,
  BackboneOptions,
  Decision,
  Head,
  HeadProof,
  LayerPart,
  Pooling,
} from './backbone.ts';
import { requireIndependentRows } from './batch-dependence.ts';
import { layerCandidates, withCandidates } from './candidates.ts';
import { checkFreeDimensions } from './check-options.ts';
import { chooseLayer, EMBEDDER, type LayerChoice } from './choose-layer.ts';
import { embeddingRows } from './embedding-rows.ts';
import { choosePooling, type Exposure, exposeFeatures } from './expose.ts';
import { extractHead } from './extract-head.ts';
import type { FoundHead } from './find-head.ts';
import { withFixedInputs } from './fix-inputs.ts';
import { withFloatInputs } from './float-inputs.ts';
import { hiddenHead } from './hidden-head.ts';
import { backboneInputs } from './inputs.ts';
import { chooseLayers } from './layers/choose-layers.ts';
import type { FoundLayer } from './layers/stage-ends.ts';
import type { LoadedModel } from './load-model.ts';
import { tokenMask } from './pool-tokens.ts';
import { makeProbe } from './probe.ts';
import { proveHead, readHead } from './prove-head.ts';
import { type BatchRunner, firstRow, runBatch } from './run-batch.ts';
import { probeBatch, probeDims, probeFailed } from './run-probe.ts';
import { withOneLayer } from './with-one-layer.ts';

/** How far W·f + b may be from the logits, relative to the largest: for arithmetic in float32 … */
const EXACT = 1e-3;
/** … and for steps of int8 and int4, in the weights or between the layers. */
const QUANTIZED = 0.1;

/** What trying a model out has shown. */
export interface Examined {
  readonly exposed: BackboneGraph;
  /** The same behind all of the model's own outputs. */
  readonly extended: () => BackboneGraph;
  /** An open session of the runtime that the model was tried out on. */
  readonly runner: BatchRunner;
  readonly head: Head | undefined;
  readonly description: Omit<BackboneDescription, 'model' | 'runtime'>;
}

interface ExamineOptions extends Omit<BackboneOptions, keyof SessionOptions>, SessionOptions {
  readonly runtime: Runtime;
}

/**
 * Finds the features of a model and proves on a small batch of noise what can be proved: the head, and that rows do not depend on
 * each other.
 *
 * @throws as `openBackbone`
 */
export async function examine(
  { model: loaded, identity }: LoadedModel,
  options: ExamineOptions,
): Promise<Examined> {
  const { runtime, freeDimensions = {}, inputs: fixed = {}, threads, providers, optimization } = options;
  const { source } = identity;
  const session = { threads, providers, optimization, source };
  // Before branches are inlined: a value may say which are taken.
  const flat = withFloatInputs(flattenModel(withFixedInputs(loaded, fixed)));
  const inputs = backboneInputs(flat);
  const chosen = chooseLayer(flat, inferShapes(flat, { freeDimensions }), { ...options, source });
  const { model, choice } = withOneLayer(flat, chosen);
  const inference = inferShapes(model, { freeDimensions });
  const tolerance = options.tolerance ?? (choice.head?.quantized ? QUANTIZED : EXACT);
  checkFreeDimensions(inputs, freeDimensions);
  const probe = makeProbe(inputs, freeDimensions, embeddingRows(flat));
  const candidates = layerCandidates(model, inference);

  const dimsOfAll = (tensors: readonly string[]) => probeDims(runtime, model, tensors, probe, session);
  const dimsOfProbe = async (tensor: string) => (await dimsOfAll([tensor])).get(tensor)!;
  const dims = inference.tensors.get(choice.layer)?.dims ?? (await dimsOfProbe(choice.layer));
  const rank = dims.length;
  const pooled: Pooling | undefined = choice.head && rank === 4 ? 'mean' : options.pooling;
  const pooling = choosePooling(choice.layer, dims, pooled);
  const { layer: features, logits } = choice;
  const averaged = choice.head?.averaged ?? false;
  const layers =
    options.layers &&
    (await chooseLayers(options.layers, {
      source,
      index: indexGraph(graphOf(model)),
      inference,
      inputs,
      layer: features,
      rows: probe[inputs[0]!.name]!.dims[0]!,
      probe: dimsOfAll,
      candidates,
    }));
  const tokenLayers = layers?.filter(found => found.dims.length === 3) ?? [];
  const mask = rank === 3 || tokenLayers.length > 0 ? tokenMask(model) : undefined;
  const isMasked = (tokens: number | undefined) => mask && tokens === probe[mask.name]?.dims[1];
  const masks =
    mask &&
    tokenLayers.every(found => isMasked(found.dims[1])) &&
    (rank !== 3 || mask.dims[1] === dims[1] || isMasked((await dimsOfProbe(features))[1]));
  const exposure: Exposure = {
    features,
    rank,
    pooling,
    logits,
    averaged,
    layers,
    mask: masks ? mask.name : undefined,
  };
  const exposed = exposeFeatures(model, exposure);
  const extended = () => exposeFeatures(model, { ...exposure, keepOutputs: true });
  const readAnyHead = async (found: FoundHead): Promise<Head> => {
    if (!('sources' in found)) return readHead(model, found, runtime);
    const dims: (readonly number[])[] = [];
    for (const name of found.sources) dims.push(await dimsOfProbe(name));
    return extractHead(model, found, { dims, probe, runtime });
  };
  const head = choice.head && (await readAnyHead(choice.head));
  const open = await openModel(runtime, exposed.model, session);
  try {
    const fed = new Set(open.inputs.map(input => input.name));
    const used = inputs.filter(input => fed.has(input.name));
    const noise = Object.fromEntries(Object.entries(probe).filter(([name]) => fed.has(name)));
    const { runner, output } = await probeBatch({ session: open, inputs: used, names: exposed }, noise).catch(
      (cause: unknown) => {
        throw probeFailed(source, probe, cause);
      },
    );
    if (runner.batchSize !== 1)
      requireIndependentRows(source, model, output, await runBatch(runner, firstRow(noise)));
    const parts = layers && layerParts({ tensor: features, pooling }, layers, output.features.cols);
    const width = parts ? parts[0]!.size : output.features.cols;
    if (!choice.head && options.layer === undefined && options.head !== 'none') {
      const hidden = hiddenHead(model, inference, { output: choice.layer, width });
      if (hidden !== undefined)
        throw notFound(source, { ...choice, missing: `${choice.missing}; but ${hidden}` }, candidates);
    }
    const proof =
      head &&
      output.logits &&
      proveHead(head, firstColumns(output.features, width), output.logits, tolerance);
    if (proof && !proof.proved) throw notProved(source, choice, proof, candidates);
    const description = {
      inputs: used,
      ...(Object.keys(fixed).length > 0 && { fixedInputs: fixed }),
      layer: choice.layer,
      pooling,
      ...(parts && { layers: parts }),
      featureSize: output.features.cols,
      batchSize: runner.batchSize,
      head: describeHead(choice, head, proof),
      candidates,
    };
    const featureSize = output.features.cols;
    return { exposed, extended, runner, head: head && parts ? { ...head, featureSize } : head, description };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Where the penultimate features and the layers behind them stand in a row of `cols`. */
function layerParts(
  penultimate: Pick<LayerPart, 'tensor' | 'pooling'>,
  layers: readonly FoundLayer[],
  cols: number,
): LayerPart[] {
  const sizes = layers.map(({ dims, pooling }) =>
    pooling === 'mean-channels-last' ||
    dims.length === 2 ||
    (dims.length === 3 && pooling !== 'mean-channels-first')
      ? dims.at(-1)!
      : dims[1]!,
  );
  let start = cols - sizes.reduce((sum, size) => sum + size, 0);
  const first: LayerPart = { ...penultimate, start: 0, size: start };
  const others = layers.map(({ tensor, pooling }, i) => {
    const part: LayerPart = { tensor, pooling, start, size: sizes[i]! };
    start += part.size;
    return part;
  });
  return [first, ...others];
}

function describeHead(
  choice: LayerChoice,
  head: Head | undefined,
  proof: HeadProof | undefined,
): BackboneDescription['head'] {
  if (!choice.head || !head || !proof) return { missing: choice.missing ?? 'none' };
  const { kind, node, logits } = choice.head;
  const classes = head.weights.rows;
  const decision = decisionOf(choice.head, classes);
  return { kind, node: node.name || node.output[0]!, logits, classes, decision, proof };
}

function decisionOf({ sigmoid }: FoundHead, classes: number): Decision {
  if (classes === 1) return 'sigmoid-binary';
  return sigmoid ? 'multi-label' : 'softmax';
}

function notFound(
  where: string,
  { missing = 'none', advice = EMBEDDER }: LayerChoice,
  candidates: ReturnType<typeof layerCandidates>,
): FeaturesError {
  const expected = 'a classification head that reads its features linearly, or an embedding';
  return new FeaturesError('NO_HEAD', withCandidates({ where, expected, got: missing, advice }, candidates));
}

function notProved(
  where: string,
  choice: LayerChoice,
  proof: HeadProof,
  candidates: ReturnType<typeof layerCandidates>,
): FeaturesError {
  const difference = proof.relativeDifference.toExponential(1);
  const silent = proof.relativeDifference <= proof.tolerance;
  const parts = {
    where: `${where}, ${choice.head?.kind} that reads ${JSON.stringify(choice.layer)}`,
    expected: `W·f + b to equal the logits to ${proof.tolerance} of the largest one`,
    got: silent
      ? 'a probe that W·f leaves at zero: features or weights are all zero'
      : Number.isFinite(proof.relativeDifference)
        ? `a difference of ${difference}`
        : 'logits of another shape, or not finite',
    advice: "name the tensor that holds the features as layer, with head: 'none', or raise the tolerance",
    details: { proof },
  };
  return new FeaturesError('HEAD_NOT_PROVED', withCandidates(parts, candidates));
}
