import type { ModelProto } from '@ood/onnx';
import type { ToOnnxOptions } from '../contract/detector.ts';
import type { NumericArray } from '../contract/method.ts';
import type { Reading } from '../contract/rows.ts';
import { DetectorsError } from '../errors.ts';
import { exportedModel } from '../formula/exported-model.ts';
import { Formula, type Value } from '../formula/formula.ts';
import type { Bank } from './bank.ts';

/** Numbers that a bank may have in an exported graph: 64 MB. */
const MOST_NUMBERS = 1 << 24;

export interface BankGraph {
  readonly where: string;
  readonly inputs: readonly { readonly name: string; readonly cols?: number }[];
  readonly names: Required<ToOnnxOptions>;
}

/**
 * A graph over the whole bank, its rows scaled.
 *
 * @throws DetectorsError `NOT_EXPORTABLE` where the bank is too large for that
 */
export function bankGraph(
  { count, dim, rows, scales }: Bank,
  { where, inputs, names }: BankGraph,
  score: (f: Formula, rows: Readonly<Record<Reading, Value>>, bank: NumericArray) => Value,
): ModelProto {
  if (count * dim > MOST_NUMBERS) {
    throw new DetectorsError('NOT_EXPORTABLE', {
      where: `${where}: toOnnx`,
      expected: `a bank of at most ${MOST_NUMBERS} numbers`,
      got: `${count} rows of ${dim}`,
      advice: 'fit with a smaller bankShare, or score with this library',
      details: { count, dim },
    });
  }
  const data = Float64Array.from(rows, (value, at) => value * scales[Math.floor(at / dim)]!);
  const f = new Formula('float32');
  const values = { features: { name: names.features }, logits: { name: names.logits } };
  const graph = f.finish(score(f, values, { shape: [count, dim], data }), { inputs, output: names.score });
  return exportedModel(graph, names.opset);
}
