import { makeNode } from '../graph/build.ts';
import { type GraphIndex, graphOf, indexGraph } from '../graph/graph-index.ts';
import { renameTensors } from '../graph/rename.ts';
import { constantNames } from '../graph/walk.ts';
import { type Inference, inferShapes } from '../infer/infer-shapes.ts';
import type { GraphProto, ModelProto, NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Names } from './names.ts';

/** Branches nested deeper than any exporter nests them are left alone. */
const MOST_LEVELS = 32;

/** Returns the model with the live branch in place of every `If` of the main graph whose condition is known. */
export function inlineBranches(model: ModelProto, names: Names): ModelProto {
  let current = model;
  for (let level = 0; level < MOST_LEVELS; level++) {
    const next = inlineOnce(current, names);
    if (next === current) break;
    current = next;
  }
  return current;
}

function inlineOnce(model: ModelProto, names: Names): ModelProto {
  const graph = graphOf(model);
  if (!graph.node.some(node => node.opType === 'If')) return model;
  const index = indexGraph(graph);
  const { tensors } = inferShapes(model);
  let result: GraphProto = { ...graph, node: [] };
  let changed = false;
  const nodes: NodeProto[] = [];
  for (const node of graph.node) {
    const condition = node.opType === 'If' ? conditionOf(node.input[0] ?? '', index, tensors) : undefined;
    const branch =
      node.opType === 'If' && typeof condition === 'number' ? branchOf(node, condition !== 0) : undefined;
    if (branch === undefined) {
      nodes.push(node);
      continue;
    }
    changed = true;
    const moved = moveBranch(branch, node, names);
    nodes.push(...moved.node);
    result = {
      ...result,
      initializer: [...result.initializer, ...moved.initializer],
      sparseInitializer: [...result.sparseInitializer, ...moved.sparseInitializer],
      valueInfo: [...result.valueInfo, ...moved.valueInfo],
    };
  }
  return changed ? { ...model, graph: { ...result, node: nodes } } : model;
}

/** The one number that a tensor is known to hold, fixed by the file or computed from known shapes. */
function conditionOf(name: string, index: GraphIndex, tensors: Inference['tensors']): number | undefined {
  const fixed = index.isConstant(name) ? index.constant(name)?.data[0] : undefined;
  const known = fixed === undefined ? tensors.get(name)?.elements?.[0] : Number(fixed);
  return typeof known === 'number' ? known : undefined;
}

function branchOf(node: NodeProto, condition: boolean): GraphProto | undefined {
  const branch = node.attribute.find(({ name }) => name === (condition ? 'then_branch' : 'else_branch'))?.g;
  return branch && branch.output.length === node.output.length && branch.input.length === 0
    ? branch
    : undefined;
}

/** The branch with names that are free outside, and its results under those of the `If`. */
function moveBranch(branch: GraphProto, node: NodeProto, names: Names): GraphProto {
  const made = new Set(branch.node.flatMap(({ output }) => output));
  const own = new Set([...made, ...constantNames(branch)]);
  const known = new Map<string, string>();
  const copies: NodeProto[] = [];
  for (const [i, { name }] of branch.output.entries()) {
    const wanted = node.output[i]!;
    if (wanted === '') continue;
    if (made.has(name) && !known.has(name)) known.set(name, wanted);
    else copies.push(makeNode('Identity', { inputs: [name], outputs: [wanted] }));
  }
  const move = names.moved(node.name || 'If', known);
  const rename = (name: string): string => (own.has(name) ? move(name) : name);
  const moved = renameTensors(branch, rename);
  const last = copies.map(copy => ({ ...copy, input: copy.input.map(rename) }));
  return {
    ...moved,
    node: [...moved.node, ...last],
    valueInfo: moved.valueInfo.filter(({ name }) => name !== ''),
  };
}
