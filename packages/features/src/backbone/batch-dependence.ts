import type { Matrix } from '@ood/core';
import {
  describeNode,
  graphOf,
  indexGraph,
  intAttribute,
  intsAttribute,
  type ModelProto,
  type NodeProto,
} from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { BackboneOutput } from './backbone.ts';

/** Differences relative to the largest value that arithmetic in another order explains. */
const ROUNDING = 1e-3;
/** As much where the scale of int8 activations follows from the whole batch (DynamicQuantizeLinear). */
const DYNAMIC = 0.1;

/**
 * Refuses a model whose outputs for an input depend on the inputs beside it, such as one left in training mode.
 *
 * @param alone what the model makes of the first row without the others
 * @throws FeaturesError `BATCH_DEPENDENT`, naming nodes that do that
 */
export function requireIndependentRows(
  where: string,
  model: ModelProto,
  together: BackboneOutput,
  alone: BackboneOutput,
): void {
  const dynamic = graphOf(model).node.some(node => node.opType === 'DynamicQuantizeLinear');
  const difference = Math.max(
    ...(['features', 'logits'] as const).map(part => differenceOfFirst(together[part], alone[part])),
  );
  if (difference <= (dynamic ? DYNAMIC : ROUNDING)) return;
  const nodes = culprits(model).map(describeNode);
  throw new FeaturesError('BATCH_DEPENDENT', {
    where: nodes.length > 0 ? `${where}, ${nodes.slice(0, 3).join(', ')}` : where,
    expected: 'the same outputs for an input whatever the inputs beside it',
    got: `a difference of ${(100 * difference).toPrecision(2)} % between one among others and the same alone`,
    advice: 'export the model in evaluation mode (model.eval() in PyTorch, training=False in Keras)',
    details: { difference, nodes },
  });
}

/** Largest difference of the first rows, relative to the largest value; infinite for NaN. */
function differenceOfFirst(
  together: Matrix<Float32Array> | undefined,
  alone: Matrix<Float32Array> | undefined,
): number {
  if (!together || !alone) return 0;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < together.cols; i++) {
    const [a, b] = [together.data[i]!, alone.data[i]!];
    largest = Math.max(largest, Math.abs(a), Math.abs(b));
    if (Object.is(a, b) || a === b) continue;
    const apart = Math.abs(a - b);
    difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(difference, apart);
  }
  return difference === 0 ? 0 : difference / largest;
}

/** Nodes that look at the whole batch, or at chance. */
function culprits(model: ModelProto): NodeProto[] {
  const index = indexGraph(graphOf(model));
  return graphOf(model).node.filter(node => {
    const { opType, input, output } = node;
    if (opType === 'BatchNormalization')
      return intAttribute(node, 'training_mode', 0) === 1 || output.filter(Boolean).length > 1;
    if (opType === 'Dropout') return index.constant(input[2] ?? '')?.data[0] === 1;
    if (/^Random|^Multinomial|^Bernoulli/.test(opType)) return true;
    if (!opType.startsWith('Reduce')) return false;
    const axes = intsAttribute(node, 'axes') ?? index.constant(input[1] ?? '')?.data;
    return axes === undefined || [...(axes as Iterable<number | bigint>)].some(axis => Number(axis) === 0);
  });
}
