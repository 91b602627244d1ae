import type { ErrorParts } from '@ood/core';
import { graphOf, type Inference, indexGraph, type ModelProto } from '@ood/onnx';
import { FeaturesError, type FeaturesErrorCode } from '../errors.ts';
import type { BackboneOptions } from './backbone.ts';
import { layerCandidates, withCandidates } from './candidates.ts';
import { type FoundHead, findHead } from './find-head.ts';
import { traceHead } from './trace-head.ts';

/** Which tensor the features are, and the head that reads it, if one was looked for and found. */
export interface LayerChoice {
  readonly layer: string;
  readonly head?: FoundHead;
  /** Logits of the model: the head's, or where another layer was named, those of the head found elsewhere. */
  readonly logits?: string;
  /** Why there is no head. */
  readonly missing?: string;
  /** What to do where that is wrong. */
  readonly advice?: string;
}

/** What to do about a head that is not found. */
export const EMBEDDER =
  "name the tensor that holds the features as layer, or pass head: 'none' if the output is an embedding";

/** The same where convolution, ReLU and pooling could be SqueezeNet's head as well as the end of an embedder. */
const RECTIFIED = "pass head: 'require' if the output is logits, head: 'none' if it is an embedding";

/** Outputs of embedders often end in a projection, which looks like a head (CLIP's `image_embeds`): such a name is a question. */
const embeddingName = /embed|feature|hidden|pooler|latent|representation/i;
/**
 * Chooses the features' tensor: the named one, or the one that the classification head reads, or the only output.
 *
 * @throws FeaturesError `UNKNOWN_LAYER`, `NO_HEAD`, `AMBIGUOUS_HEAD`, `AMBIGUOUS_OUTPUT`, with candidates
 */
export function chooseLayer(
  model: ModelProto,
  inference: Inference,
  options: Pick<BackboneOptions, 'layer' | 'head'> & { source: string },
): LayerChoice {
  const { layer, head = 'auto', source } = options;
  const graph = graphOf(model);
  const outputs = graph.output.map(output => output.name);
  const candidates = layerCandidates(model, inference);
  const refuse = (code: FeaturesErrorCode, parts: Omit<ErrorParts, 'where'>) =>
    new FeaturesError(code, withCandidates({ where: source, ...parts }, candidates));
  if (layer !== undefined && !inference.tensors.has(layer)) {
    throw refuse('UNKNOWN_LAYER', {
      expected: 'a tensor of the model as layer',
      got: JSON.stringify(layer),
      details: { layer },
    });
  }
  const ambiguousOutput = () =>
    refuse('AMBIGUOUS_OUTPUT', {
      expected: 'a model with one output, or the name of the one to use as layer',
      got: `the outputs ${outputs.map(name => JSON.stringify(name)).join(', ')}`,
      details: { outputs },
    });
  const index = indexGraph(graph);
  if (layer !== undefined && index.isConstant(layer)) {
    throw refuse('UNSUPPORTED_LAYER', {
      expected: 'a layer that depends on the inputs',
      got: `the constant ${JSON.stringify(layer)}`,
      details: { layer },
    });
  }
  const only = layer ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (head === 'none') {
    if (only !== undefined) return { layer: only, missing: 'not looked for' };
    throw ambiguousOutput();
  }

  const searches = outputs.map(output => {
    const search = findHead(index, output);
    if ('found' in search) return search;
    const traced = traceHead(index, inference, output, { behindRectifier: head === 'require' });
    return typeof traced === 'string' ? search : { found: traced };
  });
  const heads = new Map(
    searches.flatMap(search => ('found' in search ? [[search.found.node, search.found]] : [])),
  );
  const all = [...heads.values()].filter(found => layer === undefined || found.features === layer);
  if (all.length > 1) {
    throw refuse('AMBIGUOUS_HEAD', {
      expected: 'one classification head',
      got: `${all.length}, which read ${all.map(found => JSON.stringify(found.features)).join(' and ')}`,
      advice: 'name the one to use by its input, as layer',
      details: { layers: all.map(found => found.features) },
    });
  }
  const unsure = outputs.find((output, i) => embeddingName.test(output) && 'found' in searches[i]!);
  if (head === 'auto' && layer === undefined && unsure !== undefined)
    throw refuse('AMBIGUOUS_HEAD', {
      expected: 'to know whether the output is an embedding or logits',
      got: `${JSON.stringify(unsure)}, which is named like an embedding and made by a linear layer like logits`,
      advice: "pass head: 'none' for an embedding, head: 'require' for logits",
      details: { output: unsure },
    });
  if (all[0] !== undefined) return { layer: all[0].features, head: all[0], logits: all[0].logits };

  const missing =
    heads.size > 0
      ? 'the head reads another tensor'
      : searches
          .map((search, i) => `${JSON.stringify(outputs[i])}: ${'missing' in search ? search.missing : ''}`)
          .join('; ');
  const classifier = searches.some(search => 'missing' in search && search.classifier);
  if (head === 'require' || (layer === undefined && classifier)) {
    throw refuse('NO_HEAD', {
      expected: 'a classification head: linear layers with constant weights in front of the output',
      got: missing,
      advice: head === 'require' ? 'name a layer, without head' : EMBEDDER,
    });
  }
  const [elsewhere, ...more] = [...heads.values()].map(found => found.logits);
  const logits = more.length === 0 ? elsewhere : undefined;
  if (only === undefined) throw ambiguousOutput();
  const rectified = typeof traceHead(index, inference, only, { behindRectifier: true }) !== 'string';
  return { layer: only, missing, advice: rectified ? RECTIFIED : EMBEDDER, ...(logits && { logits }) };
}
