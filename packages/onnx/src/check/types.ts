import { describeNode, graphOf } from '../graph/graph-index.ts';
import { dimsOf } from '../graph/value-info.ts';
import { inferShapes, isDefaultDomain } from '../infer/infer-shapes.ts';
import { dimsText, mayEqual } from '../infer/shaped.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import { dataTypeName } from '../tensor/data-types.ts';
import type { Problem } from './problem.ts';

/** Operators whose inputs all have one element type. */
const uniform = new Set(
  'Add Sub Mul Div Max Min Mean Sum Mod MatMul Gemm Conv ConvTranspose Concat Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor'.split(
    ' ',
  ),
);

/** Inputs of nodes go together, and what the file declares of a tensor is what the graph makes. */
export function checkTypes(model: ModelProto): Problem[] {
  const graph = graphOf(model);
  const { tensors, problems } = inferShapes(model);
  const found: Problem[] = problems.map(({ where, expected, got }) => ({
    code: 'SHAPE_MISMATCH',
    where,
    expected,
    got,
  }));
  for (const node of graph.node) {
    if (!isDefaultDomain(node.domain) || !uniform.has(node.opType)) continue;
    const types = node.input.flatMap(name => tensors.get(name)?.type ?? []);
    if (types.every(type => type === types[0])) continue;
    const got = node.input.map(name => `${name}: ${dataTypeName(tensors.get(name)?.type ?? 0)}`).join(', ');
    found.push({ code: 'TYPE_MISMATCH', where: describeNode(node), expected: 'inputs of one type', got });
  }
  const inputs = new Set(graph.input.map(input => input.name));
  for (const info of [...graph.output, ...graph.valueInfo]) {
    const actual = tensors.get(info.name);
    if (actual === undefined || inputs.has(info.name)) continue;
    const where = `${graph.output.includes(info) ? 'output' : 'declared tensor'} ${JSON.stringify(info.name)}`;
    const type = info.type?.value.case === 'tensorType' ? info.type.value.value.elemType : undefined;
    if (type !== undefined && type !== 0 && actual.type !== undefined && type !== actual.type) {
      found.push({
        code: 'TYPE_MISMATCH',
        where,
        expected: `${dataTypeName(type)} as declared`,
        got: dataTypeName(actual.type),
      });
    }
    const dims = dimsOf(info.type);
    if (dims === undefined || actual.dims === undefined) continue;
    const fits =
      dims.length === actual.dims.length && dims.every((dim, axis) => mayEqual(dim, actual.dims![axis]));
    if (!fits) {
      found.push({
        code: 'SHAPE_MISMATCH',
        where,
        expected: `${dimsText(dims)} as declared`,
        got: dimsText(actual.dims),
      });
    }
  }
  return found;
}
