import { describeNode, graphOf, indexGraph } from '../graph/graph-index.ts';
import { dimsOf } from '../graph/value-info.ts';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from '../schema/generated/onnx_pb.ts';
import type { Tensor } from '../session/session.ts';
import { elementwiseRules } from './elementwise.ts';
import { layoutRules } from './layout.ts';
import { matrixRules } from './matrix.ts';
import { reductionRules } from './reduction.ts';
import { selectionRules } from './selection.ts';
import { type Dim, MAX_RANK, type Rule, type Shaped, ShapeProblem } from './shaped.ts';
import { windowRules } from './windows.ts';

const rules = new Map<string, Rule>(
  Object.entries({
    ...elementwiseRules,
    ...layoutRules,
    ...matrixRules,
    ...reductionRules,
    ...selectionRules,
    ...windowRules,
  }),
);

/** A node whose inputs cannot go together. */
export interface InferenceProblem {
  readonly node: NodeProto;
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

export interface Inference {
  /** What is known of each tensor by name. */
  readonly tensors: ReadonlyMap<string, Shaped>;
  readonly problems: readonly InferenceProblem[];
}

export interface InferOptions {
  /** Sizes of free dimensions by their name, or by `input:axis`. Others stay free. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
}

/** Small integer tensors whose values shape arithmetic may need. */
const MAX_ELEMENTS = 64;

/**
 * Returns what can be known of types and shapes of the main graph's tensors without running it: from declarations,
 * constants, and rules for the common operators. Tensors behind an operator without a rule stay unknown, unless the file
 * declares them.
 */
export function inferShapes(model: ModelProto, { freeDimensions = {} }: InferOptions = {}): Inference {
  const graph = graphOf(model);
  const index = indexGraph(graph);
  const opset = Number(model.opsetImport.find(({ domain }) => isDefaultDomain(domain))?.version ?? 1);
  const tensors = new Map<string, Shaped>();
  const problems: InferenceProblem[] = [];
  const declared = declarations(graph, freeDimensions);

  for (const tensor of graph.initializer) {
    tensors.set(tensor.name, { type: tensor.dataType, dims: tensor.dims.map(Number) });
  }
  for (const sparse of graph.sparseInitializer) {
    tensors.set(sparse.values?.name ?? '', { type: sparse.values?.dataType, dims: sparse.dims.map(Number) });
  }
  for (const input of graph.input)
    if (!tensors.has(input.name)) tensors.set(input.name, fromDeclaration(input, freeDimensions));

  const known = (name: string): Shaped => {
    const shaped = tensors.get(name) ?? {};
    if (shaped.elements !== undefined || !mayHoldSizes(shaped)) return shaped;
    const elements = sizesIn(tryConstant(() => index.constant(name)));
    return elements === undefined ? shaped : { ...shaped, elements };
  };

  for (const node of graph.node) {
    const rule = isDefaultDomain(node.domain) ? rules.get(node.opType) : undefined;
    let outputs: readonly Shaped[] = [];
    try {
      outputs =
        rule?.({
          node,
          opset,
          inputCount: node.input.length,
          input: i => known(node.input[i] ?? ''),
          constant: i => tryConstant(() => index.constant(node.input[i] ?? '')),
        }) ?? [];
    } catch (error) {
      if (!(error instanceof ShapeProblem)) throw error;
      problems.push({ node, where: describeNode(node), expected: error.expected, got: error.got });
    }
    for (const [i, name] of node.output.entries()) {
      if (name !== '') tensors.set(name, complete(outputs[i] ?? {}, declared.get(name)));
    }
  }
  return { tensors, problems };
}

export function isDefaultDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

type Sizes = Readonly<Record<string, number>>;

function declarations(graph: GraphProto, sizes: Sizes): Map<string, Shaped> {
  return new Map(
    [...graph.valueInfo, ...graph.output].map(info => [info.name, fromDeclaration(info, sizes)]),
  );
}

function fromDeclaration(info: ValueInfoProto, sizes: Sizes): Shaped {
  const type = info.type?.value;
  const sizeOf = (name: string) => (Object.hasOwn(sizes, name) ? sizes[name] : undefined);
  const dims = dimsOf(info.type)?.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    return sizeOf(`${info.name}:${axis}`) ?? (dim === null ? undefined : sizeOf(dim)) ?? dim;
  });
  return { type: type?.case === 'tensorType' ? type.value.elemType : undefined, dims };
}

/** What a rule found, with gaps filled from the declaration. */
function complete(found: Shaped, declared: Shaped | undefined): Shaped {
  const dims = found.dims?.map((dim, axis) => dim ?? declared?.dims?.[axis] ?? null) ?? declared?.dims;
  return {
    type: found.type ?? declared?.type,
    dims: dims && dims.length <= MAX_RANK ? dims.map(plausible) : undefined,
    elements: (found.elements?.length ?? 0) <= MAX_ELEMENTS ? found.elements?.map(exact) : undefined,
  };
}

/** A number that arithmetic kept exact. */
function exact(element: Dim): Dim {
  return typeof element !== 'number' || Number.isSafeInteger(element) ? element : null;
}

/** A size that a tensor can have; hostile files lead to others. */
function plausible(dim: Dim): Dim {
  return typeof dim !== 'number' || (Number.isSafeInteger(dim) && dim >= 0) ? dim : null;
}

function mayHoldSizes({ dims }: Shaped): boolean {
  return (
    dims !== undefined && dims.length <= 1 && (dims[0] ?? 1) !== null && Number(dims[0] ?? 1) <= MAX_ELEMENTS
  );
}

function sizesIn(tensor: Tensor | undefined): number[] | undefined {
  if (tensor?.type !== 'int64' && tensor?.type !== 'int32' && tensor?.type !== 'bool') return undefined;
  return Array.from<bigint | number, number>(tensor.data, Number);
}

/** A constant that cannot be read (external or broken) is unknown here; the checker reports it where it is defined. */
function tryConstant(read: () => Tensor | undefined): Tensor | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
