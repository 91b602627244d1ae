import { freeName, graphOf, type ModelProto, makeNode, prependNodes, tensorNames } from '@ood/onnx';
import type { AnyMethod } from './method.ts';
import type { Head } from './rows.ts';

/** What of a row a method reads where further layers stand behind the head's features; undefined where it reads all of it. */
export function penultimateOf(
  { needs, wholeRows = false }: Pick<AnyMethod, 'needs' | 'wholeRows'>,
  head: Head | undefined,
): { readonly of: number; readonly take: number } | undefined {
  const [of, take] = [head?.featureSize, head?.weights.cols ?? 0];
  const isOfHead = needs.includes('head') || needs.includes('logits');
  return of === undefined || of === take || wholeRows || !isOfHead ? undefined : { of, take };
}

/** A graph of the first columns of its input's rows. */
export function behindFirstColumns(
  model: ModelProto,
  input: string,
  { of, take }: { readonly of: number; readonly take: number },
): ModelProto {
  const graph = graphOf(model);
  const taken = tensorNames(graph);
  const name = (wanted: string) => {
    const free = freeName(taken, `detector/${wanted}`);
    taken.add(free);
    return free;
  };
  const [from, starts, ends, axes] = [name('penultimate'), name('starts'), name('ends'), name('axes')];
  const integer = (value: number) => ({
    type: 'int64' as const,
    dims: [1],
    data: BigInt64Array.of(BigInt(value)),
  });
  return prependNodes(model, {
    input,
    from,
    nodes: [makeNode('Slice', { inputs: [input, starts, ends, axes], outputs: [from] })],
    initializers: { [starts]: integer(0), [ends]: integer(take), [axes]: integer(1) },
    inputs: [{ name: input, type: 'float32', dims: ['batch', of] }],
  });
}
