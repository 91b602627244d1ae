import { type ModelProto, makeGraph, makeModel } from '@ood/onnx';

/** The model with these entries in its metadata; entries of the same keys are replaced. */
export function withMetadata(model: ModelProto, entries: Readonly<Record<string, string>>): ModelProto {
  const { metadataProps } = makeModel(makeGraph('', { inputs: [], outputs: [], nodes: [] }), {
    metadata: entries,
  });
  const others = model.metadataProps.filter(({ key }) => !Object.hasOwn(entries, key));
  return { ...model, metadataProps: [...others, ...metadataProps] };
}
