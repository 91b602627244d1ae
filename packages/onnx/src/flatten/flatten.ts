import { graphOf } from '../graph/graph-index.ts';
import { tensorNames } from '../graph/names.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { inlineBranches } from './branches.ts';
import { inlineFunctions } from './functions.ts';
import { Names } from './names.ts';

/**
 * Returns the same model with fewer graphs inside graphs: calls of the model's own functions, and `If` nodes whose condition the
 * file fixes (also by shapes that are known), give way to what they would run. Then every layer is a node of the main graph, which
 * can be named, cut at and looked at. What cannot be taken apart stays: functions of another operator set than the model's.
 *
 * @throws OnnxError `TOO_LARGE` where functions call functions until there are more nodes than any model has
 */
export function flattenModel(model: ModelProto): ModelProto {
  const names = new Names(tensorNames(graphOf(model)));
  return inlineBranches(inlineFunctions(model, names), names);
}
