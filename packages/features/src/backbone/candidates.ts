import type { ErrorParts, OodError } from '@ood/core';
import { graphOf, type Inference, indexGraph, type ModelProto } from '@ood/onnx';
import type { LayerCandidate } from './backbone.ts';

const skipped = new Set([
  'Identity',
  'Dropout',
  'Cast',
  'Constant',
  'Shape',
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'ArgMax',
  'ZipMap',
]);
const MAX_CANDIDATES = 8;
const [FLOAT, FLOAT16, DOUBLE] = [1, 10, 11];

/** The last tensors of the graph that could be features: floating point, one vector, token list or map per sample. */
export function layerCandidates(model: ModelProto, inference: Inference): LayerCandidate[] {
  const index = indexGraph(graphOf(model));
  // Maps and sequences, as exporters of scikit-learn declare them, are no tensors.
  const others = new Set(
    graphOf(model).output.flatMap(({ name, type }) =>
      type && type.value.case !== 'tensorType' ? [name] : [],
    ),
  );
  const candidates: LayerCandidate[] = [];
  for (const node of graphOf(model).node.toReversed()) {
    if (skipped.has(node.opType)) continue;
    const tensor = node.output[0] ?? '';
    const { type, dims } = inference.tensors.get(tensor) ?? {};
    const isFloat = type === undefined || type === FLOAT || type === FLOAT16 || type === DOUBLE;
    const rank = dims?.length;
    if (tensor === '' || others.has(tensor) || !isFloat || (rank !== undefined && (rank < 2 || rank > 4)))
      continue;
    if (index.isConstant(tensor)) continue;
    candidates.push({ tensor, opType: node.opType, dims: dims ?? null });
    if (candidates.length === MAX_CANDIDATES) break;
  }
  return candidates;
}

/** The parts of an error whose advice names tensors that could be `layer`; `candidatesOf` reads them again. */
export function withCandidates(parts: ErrorParts, candidates: readonly LayerCandidate[]): ErrorParts {
  const list = candidates.map(candidateText).join(', ');
  const advice = [parts.advice, list && `candidates for layer: ${list}`].filter(Boolean).join('; ');
  return { ...parts, advice: advice || undefined, details: { ...parts.details, candidates } };
}

/** Tensors that could be named as `layer` instead, as an error of `openBackbone` lists them; empty where that would not help. */
export function candidatesOf(error: OodError): readonly LayerCandidate[] {
  return Array.isArray(error.details.candidates) ? error.details.candidates : [];
}

function candidateText({ tensor, opType, dims }: LayerCandidate): string {
  const shape = dims ? ` [${dims.map(dim => dim ?? '?').join(', ')}]` : '';
  return `${JSON.stringify(tensor)} (${opType}${shape})`;
}
