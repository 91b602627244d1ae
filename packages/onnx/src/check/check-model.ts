import { OnnxError } from '../errors.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { checkNames } from './names.ts';
import { checkOperators } from './operators.ts';
import type { Problem } from './problem.ts';
import { checkTensors } from './tensors.ts';
import { checkTypes } from './types.ts';

/**
 * Returns everything that is wrong with a model, or an empty list: names (made once, before they are read), operators
 * (known to the imported opsets, inputs, outputs, attributes), tensors (data and shape), and, as far as they can be known
 * without running it, types and shapes.
 */
export function checkModel(model: ModelProto): Problem[] {
  if (model.graph === undefined) {
    return [{ code: 'NO_GRAPH', where: 'model', expected: 'a graph', got: 'none' }];
  }
  const problems: Problem[] = [];
  if (model.opsetImport.length === 0) {
    problems.push({ code: 'NO_OPSET', where: 'model', expected: 'at least one operator set', got: 'none' });
  }
  return [
    ...problems,
    ...checkNames(model.graph),
    ...checkOperators(model),
    ...checkTensors(model),
    ...checkTypes(model),
  ];
}

/** @throws OnnxError `INVALID_GRAPH` that points at the first problem, with all of them in `details.problems` */
export function requireValid(model: ModelProto): void {
  const problems = checkModel(model);
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new OnnxError('INVALID_GRAPH', {
    where: first.where,
    expected: first.expected,
    got: `${first.got}${more}`,
    details: { problems },
  });
}
