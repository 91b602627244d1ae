import type { Matrix } from '@ood/core';
import type { ModelProto, Runtime } from '@ood/onnx';
import type { Head, HeadProof } from './backbone.ts';
import { evaluateConstant } from './constants.ts';
import type { StoredHead } from './find-head.ts';

/** Returns the weights of a head that the file holds, as W `[classes, d]` and b `[classes]`. */
export async function readHead(model: ModelProto, found: StoredHead, runtime: Runtime): Promise<Head> {
  const stored = await evaluateConstant(model, found.weights, runtime);
  const [first, second] = stored.dims as [number, number];
  const [classes, d] = found.classesFirst ? [first, second] : [second, first];
  const data = new Float32Array(classes * d);
  for (let c = 0; c < classes; c++) {
    for (let j = 0; j < d; j++) {
      data[c * d + j] = found.alpha * stored.data[found.classesFirst ? c * d + j : j * classes + c]!;
    }
  }
  const bias = new Float32Array(classes);
  if (found.bias !== undefined) {
    const values = (await evaluateConstant(model, found.bias, runtime)).data;
    for (let c = 0; c < classes; c++) bias[c] = found.beta * values[values.length === 1 ? 0 : c]!;
  }
  return { weights: { rows: classes, cols: d, data }, bias };
}

/** Compares W·f + b with the logits that the graph computed for the same probe. */
export function proveHead(
  head: Head,
  features: Matrix<Float32Array>,
  logits: Matrix<Float32Array>,
  tolerance: number,
): HeadProof {
  const { weights, bias } = head;
  const probeRows = features.rows;
  const failed = { maxDifference: Number.POSITIVE_INFINITY, relativeDifference: Number.POSITIVE_INFINITY };
  if (features.cols !== weights.cols || logits.cols !== weights.rows || features.rows !== logits.rows) {
    return { proved: false, ...failed, tolerance, probeRows };
  }
  let maxDifference = 0;
  let maxLogit = 0;
  let telling = false;
  for (let row = 0; row < features.rows; row++) {
    for (let c = 0; c < weights.rows; c++) {
      let sum = bias[c]!;
      for (let j = 0; j < weights.cols; j++) {
        sum += weights.data[c * weights.cols + j]! * features.data[row * features.cols + j]!;
      }
      telling ||= sum !== bias[c];
      const logit = logits.data[row * logits.cols + c]!;
      maxLogit = Math.max(maxLogit, Math.abs(logit));
      // A NaN counts as an infinite difference.
      const difference = Math.abs(sum - logit);
      maxDifference = Number.isNaN(difference)
        ? Number.POSITIVE_INFINITY
        : Math.max(maxDifference, difference);
    }
  }
  const relativeDifference = maxDifference === 0 ? 0 : maxDifference / maxLogit;
  // Where W·f is zero throughout, any W would agree.
  return {
    proved: telling && relativeDifference <= tolerance,
    maxDifference,
    relativeDifference,
    tolerance,
    probeRows,
  };
}
