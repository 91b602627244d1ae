import type { TensorInfo } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { TextInputs } from './text-preprocessing.ts';

/** How exporters name the inputs of text models. */
const roles = [
  ['mask', /mask/i],
  ['types', /type|segment/i],
  ['positions', /position/i],
] as const;

const wholeNumbers = ['int64', 'int32'];
const maskTypes = [...wholeNumbers, 'bool', 'float32', 'float16'];

/**
 * Which inputs of a model take token ids, mask, types and positions: the only input takes ids; of several those are told by their names.
 *
 * @throws FeaturesError MODEL_INPUT_MISMATCH for inputs that cannot all be told, or that are no `[batch, tokens]` of integers
 */
export function textInputs(inputs: readonly TensorInfo[]): TextInputs {
  const found: { ids: string[]; mask: string[]; types: string[]; positions: string[] } = {
    ids: [],
    mask: [],
    types: [],
    positions: [],
  };
  for (const info of inputs) {
    const [role] = roles.find(([, pattern]) => pattern.test(info.name)) ?? ['ids' as const];
    checkTextInput(info, role);
    found[inputs.length === 1 ? 'ids' : role].push(info.name);
  }
  const doubtful = Object.values(found).find(names => names.length > 1);
  const [ids] = found.ids;
  if (doubtful !== undefined || ids === undefined)
    throw new FeaturesError('MODEL_INPUT_MISMATCH', {
      where: 'model',
      expected: 'inputs that are told to be token ids, mask, token types or positions by their names',
      got: inputs.map(({ name }) => name).join(', '),
      advice:
        'name what each is for by the option inputs of huggingFaceText, fix those that are constant (--input NAME=VALUE), or export with the usual names',
      details: { inputs },
    });
  return {
    ids,
    mask: found.mask[0] ?? null,
    types: found.types[0] ?? null,
    positions: found.positions[0] ?? null,
  };
}

/** @throws FeaturesError MODEL_INPUT_MISMATCH for an input that cannot hold what it is for */
export function checkTextInput(info: TensorInfo, role: keyof TextInputs): void {
  const types = role === 'mask' ? maskTypes : wholeNumbers;
  if (info.dims.length === 2 && types.includes(info.type)) return;
  throw new FeaturesError('MODEL_INPUT_MISMATCH', {
    where: `input '${info.name}'`,
    expected: `[batch, tokens] of ${types.join(' or ')}, as text models take`,
    got: `${info.type} [${info.dims.map(dim => dim ?? '?').join(', ')}]`,
    advice: 'a constant input is fixed by the option inputs (--input NAME=VALUE); other models take no text',
    details: { input: info },
  });
}
