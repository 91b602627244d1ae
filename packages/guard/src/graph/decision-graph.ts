import { appendNodes, type ModelProto, makeNode, type TensorInfo } from '@ood/onnx';
import { OUTPUTS } from './output-names.ts';

export interface DecisionNumbers {
  /** Calibration scores, ascending, as float32. */
  readonly scores: Float32Array;
  /** One of them: an input is called OOD when its score is above. */
  readonly threshold: number;
  readonly batch: string | number;
}

/**
 * Appends the decision to a graph with a `score` `[batch]`, float32:
 *
 * p_value = (1 + #{calibration ≥ score}) / (n + 1), float32 `[batch]`; is_ood = not (score ≤ threshold), bool `[batch]`.
 *
 * Counts are exact up to 2²⁴ calibration scores. `is_ood` compares scores and not p-values, so that no division rounds
 * between them; written with *not*, a score that is not a number counts as OOD.
 */
export function appendDecision(model: ModelProto, { scores, threshold, batch }: DecisionNumbers): ModelProto {
  const count = scores.length;
  const scalar = (value: number) => ({ type: 'float32' as const, dims: [], data: Float32Array.of(value) });
  const node = (opType: string, inputs: string[], output: string, attributes = {}) =>
    makeNode(opType, {
      inputs,
      outputs: [output],
      attributes,
      name: `decision.${output.replace(/^decision\./, '')}`,
    });
  const outputs: TensorInfo[] = [
    { name: OUTPUTS.pValue, type: 'float32', dims: [batch] },
    { name: OUTPUTS.isOod, type: 'bool', dims: [batch] },
  ];
  return appendNodes(model, {
    nodes: [
      node('Unsqueeze', [OUTPUTS.score, 'decision.columns'], 'decision.column'),
      node('GreaterOrEqual', ['decision.calibration', 'decision.column'], 'decision.reach'),
      node('Cast', ['decision.reach'], 'decision.ones', { to: 1n }),
      node('ReduceSum', ['decision.ones', 'decision.columns'], 'decision.count', { keepdims: 0n }),
      node('Add', ['decision.count', 'decision.one'], 'decision.rank'),
      node('Div', ['decision.rank', 'decision.total'], OUTPUTS.pValue),
      node('LessOrEqual', [OUTPUTS.score, 'decision.threshold'], 'decision.accepted'),
      node('Not', ['decision.accepted'], OUTPUTS.isOod),
    ],
    initializers: {
      'decision.columns': { type: 'int64', dims: [1], data: BigInt64Array.of(1n) },
      'decision.calibration': { type: 'float32', dims: [count], data: scores },
      'decision.one': scalar(1),
      'decision.total': scalar(count + 1),
      'decision.threshold': scalar(threshold),
    },
    outputs,
  });
}
