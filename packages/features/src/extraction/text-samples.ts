import { float32ToFloat16 } from '@ood/core';
import { elementArrays, type TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import { checkTextInput } from '../preprocessing/text-inputs.ts';
import type { TextInputs, TextPreprocessing } from '../preprocessing/text-preprocessing.ts';
import { isFixed, mismatch } from './model-inputs.ts';
import type { PreparedRow, SamplePreparer } from './prepared.ts';
import type { PreparedTensor } from './prepared-tensor.ts';
import { openTokenizer, type Tokens } from './tokenize.ts';

/** Texts of a batch: a long one among more makes all of them long. */
const BATCH = 16;

type Role = keyof TextInputs;
type Given = readonly (readonly [Role, TensorInfo])[];

/** Checks that each input of the model gets something of a text. @throws FeaturesError MODEL_INPUT_MISMATCH */
export function checkTextInputs(inputs: readonly TensorInfo[], preprocessing: TextPreprocessing): void {
  const given = givenInputs(inputs, preprocessing);
  for (const [role, info] of given) checkTextInput(info, role);
  const lengths = new Set(given.map(([, { dims }]) => dims[1]).filter(size => isFixed(size!)));
  const [fixed] = lengths;
  if (lengths.size > 1 || (fixed !== undefined && preprocessing.maxLength > Number(fixed)))
    throw mismatch({
      where: 'preprocessing.maxLength',
      expected: `at most ${[...lengths].join(', ')} tokens, for which the model was exported`,
      got: `${preprocessing.maxLength}`,
      advice: 'give that as maxLength (--max-length)',
      details: { lengths: [...lengths] },
    });
}

/** The inputs of a model with what they are for. */
function givenInputs(inputs: readonly TensorInfo[], { inputs: names }: TextPreprocessing): Given {
  const roles = Object.entries(names) as [Role, string | null][];
  const given = inputs.map(info => {
    const [role] = roles.find(([, name]) => name === info.name) ?? [];
    if (role === undefined)
      throw mismatch({
        where: `input '${info.name}'`,
        expected: `one of the inputs ${roles.flatMap(([, name]) => name ?? []).join(', ')} of the preprocessing`,
        got: 'another, which nothing of a text is for',
        advice: 'fix its value by the option inputs (--input NAME=VALUE), or name it in the preprocessing',
        details: { input: info },
      });
    return [role, info] as const;
  });
  const lacking = roles.find(([, name]) => name !== null && !inputs.some(info => info.name === name));
  if (lacking === undefined) return given;
  throw mismatch({
    where: 'model',
    expected: `the input '${lacking[1]}' of the preprocessing`,
    got: inputs.map(({ name }) => name).join(', '),
    advice: 'make the preprocessing for this model',
    details: { input: lacking[1] },
  });
}

/** A preparer of texts and pairs; those of a batch are padded to its longest, or all to the model's length where it is fixed. */
export async function textSamples(
  inputs: readonly TensorInfo[],
  preprocessing: TextPreprocessing,
): Promise<SamplePreparer> {
  const given = givenInputs(inputs, preprocessing);
  const tokenize = await openTokenizer(preprocessing);
  const { padding } = preprocessing;
  const length = given.map(([, { dims }]) => dims[1]!).find(isFixed);
  const rowOf = (tokens: Tokens): PreparedRow =>
    Object.fromEntries(given.map(([role, info]) => [info.name, tensorOf(info, valuesOf(role, tokens))]));
  const pad = (row: PreparedRow, to: number): PreparedRow =>
    Object.fromEntries(
      given.map(([role, { name }]) => [
        name,
        padded(row[name]!, to, { ...padding, id: role === 'ids' ? padding.id : 0 }),
      ]),
    );
  return {
    batchSize: BATCH,
    prepare(sample) {
      if (!('text' in sample) || typeof sample.text !== 'string') throw invalid('another sample');
      const tokens = tokenize(sample.text, sample.pair);
      if (tokens.ids.length === 0) throw invalid('a text of which the tokenizer makes no token');
      const row = rowOf(tokens);
      return length === undefined ? row : pad(row, length);
    },
    ...(length === undefined && {
      collate(rows) {
        const longest = Math.max(
          ...rows.map(row => Math.max(...given.map(([, { name }]) => row[name]!.data.length))),
        );
        return rows.map(row => pad(row, longest));
      },
    }),
  };
}

function valuesOf(role: Role, { ids, types }: Tokens): readonly number[] {
  switch (role) {
    case 'ids':
      return ids;
    case 'mask':
      return ids.map(() => 1);
    case 'types':
      return types;
    case 'positions':
      return ids.map((_, i) => i);
  }
}

function tensorOf({ type }: TensorInfo, values: readonly number[]): PreparedTensor {
  const dims = [values.length];
  if (type === 'int64') return { type, dims, data: BigInt64Array.from(values, BigInt) };
  if (type === 'float16') return { type, dims, data: float32ToFloat16(Float32Array.from(values)) };
  return { type, dims, data: elementArrays[type as 'int32'].from(values) } as PreparedTensor;
}

function padded(
  tensor: PreparedTensor,
  length: number,
  { side, id }: TextPreprocessing['padding'],
): PreparedTensor {
  const { type, data } = tensor;
  if (data.length >= length) return tensor;
  const longer = new (data.constructor as Int32ArrayConstructor)(length);
  if (id !== 0) longer.fill((type === 'int64' ? BigInt(id) : id) as never);
  longer.set(data as Int32Array, side === 'right' ? 0 : length - data.length);
  return { type, dims: [length], data: longer } as unknown as PreparedTensor;
}

function invalid(got: string): FeaturesError {
  return new FeaturesError('SAMPLE_INVALID', {
    where: 'sample',
    expected: 'a text, as the preprocessing says',
    got,
    advice: 'give { text }, or { text, pair }',
  });
}
