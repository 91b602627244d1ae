import { type Box, kindOf, type PreparedTensor, type PreprocessingKind, type Sample } from '@ood/features';
import { inputsOf, type Manifest } from '../folder/manifest.ts';
import type { GuardInput, Refusal } from './guard.ts';

/** What a kind of preprocessing takes, by the members of a sample and in words. */
const takes: Readonly<
  Record<PreprocessingKind, { readonly members: readonly string[]; readonly words: string }>
> = {
  image: {
    members: ['bytes', 'pixels'],
    words: 'the bytes of an image file (Uint8Array) or pixels { width, height, channels, data }',
  },
  audio: {
    members: ['bytes', 'waveform'],
    words: 'the bytes of a WAV or FLAC file (Uint8Array) or a waveform { sampleRate, data }',
  },
  text: { members: ['text'], words: 'a text (string), or { text, pair }' },
};

/** The sample with nothing but what the engine reads, so that it can be sent to a thread; or why it is none. Never throws. */
export function plainSample(
  given: () => Sample,
  manifest: Pick<Manifest, 'preprocessing' | 'input' | 'inputs'>,
): Sample | { readonly refusal: Refusal } {
  const { preprocessing } = manifest;
  const kind = preprocessing && takes[kindOf(preprocessing)];
  let sample: Sample | undefined;
  let got: string;
  try {
    const untyped: Untyped = given();
    if (typeof untyped.unreadable === 'string') return refuse('SAMPLE_INVALID', untyped.unreadable);
    sample = read(untyped);
    got = nameOf(
      untyped.bytes ??
        untyped.waveform ??
        untyped.pixels ??
        untyped.text ??
        untyped.vector ??
        untyped.tensors,
    );
  } catch (error) {
    got = `one that throws when it is read (${String(error instanceof Error ? error.message : error).slice(0, 200)})`;
  }
  const raw = describeInputs(manifest);
  if (sample === undefined)
    return refuse(
      'SAMPLE_INVALID',
      `expected ${kind ? `${kind.words}, or ` : ''}${raw}${manifest.inputs ? '' : ' (Float32Array)'}, got ${got}; read the file first`,
    );
  if ('vector' in sample || 'tensors' in sample) return sample;
  if (kind?.members.some(member => member in sample)) return sample;
  const what = 'text' in sample ? 'a text' : 'waveform' in sample ? 'a recording' : 'an image';
  return refuse(
    'MODEL_INPUT_MISMATCH',
    kind
      ? `expected ${kind.words}, as the guard's preprocessing takes, got ${what}; a file must be read first`
      : `expected ${raw}, since the guard was made without a preprocessing, got ${what}; make one with a preprocessing`,
  );
}

/** An input as a sample. */
export function asSample(input: GuardInput, id: string): Sample {
  if (typeof input === 'string') return { id, text: input };
  if (input instanceof Uint8Array) return { id, bytes: input };
  if (input instanceof Float32Array) return { id, vector: input };
  if (input && ('text' in input || 'tensors' in input)) return { ...input, id };
  if (input && 'audio' in input) {
    const whole = asSample(input.audio, id);
    return { ...whole, ...(input.start !== undefined && { start: input.start }) } as Sample;
  }
  if (input && 'sampleRate' in input) return { id, waveform: input };
  if (input && 'image' in input) return { ...asSample(input.image, id), box: input.box } as Sample;
  return { id, pixels: input };
}

/** A sample as a caller without types may give it. */
interface Untyped {
  readonly id?: unknown;
  readonly bytes?: unknown;
  readonly pixels?: unknown;
  readonly box?: unknown;
  readonly waveform?: unknown;
  readonly start?: unknown;
  readonly text?: unknown;
  readonly pair?: unknown;
  readonly vector?: unknown;
  readonly tensors?: unknown;
  readonly unreadable?: unknown;
}

function read(sample: Untyped): Sample | undefined {
  const { bytes, pixels, box, waveform, start, vector, text, pair, tensors } = sample;
  const id = String(sample.id);
  const part = {
    ...(box !== undefined && { box: readBox(box) }),
    ...(start !== undefined && { start: typeof start === 'number' ? start : Number.NaN }),
  };
  if (vector instanceof Float32Array) return { id, vector };
  if (bytes instanceof Uint8Array) return { id, bytes, ...part };
  if (typeof text === 'string' && (pair === undefined || typeof pair === 'string'))
    return { id, text, ...(pair !== undefined && { pair }) };
  if (typeof tensors === 'object' && tensors !== null) return { id, tensors: readTensors(tensors) };
  if (typeof waveform === 'object' && waveform !== null) {
    const { sampleRate, data } = waveform as Record<string, unknown>;
    return { id, waveform: { sampleRate: Number(sampleRate), data: data as Float32Array }, ...part };
  }
  if (typeof pixels !== 'object' || pixels === null) return undefined;
  // Read once: a getter may answer otherwise the second time.
  const { width, height, channels, data } = pixels as Record<string, unknown>;
  if (!(data instanceof Uint8Array) || ![width, height, channels].every(size => typeof size === 'number'))
    return undefined;
  return { id, pixels: { width, height, channels, data } as never, ...part };
}

/** The numbers of a box and nothing else; extraction says what is wrong with them. */
function readBox(box: unknown): Box {
  const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
  const { x1, y1, x2, y2 } = Object(box) as Record<string, unknown>;
  return { x1: number(x1), y1: number(y1), x2: number(x2), y2: number(y2) };
}

/** Each tensor with nothing but its own; extraction says of each what is wrong with it. */
function readTensors(tensors: object): Readonly<Record<string, PreparedTensor>> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { type, dims, data } = Object(tensor) as Record<string, unknown>;
      const sizes = Array.isArray(dims) ? dims.map(Number) : [];
      return [name, { type: String(type), dims: sizes, data: ArrayBuffer.isView(data) ? data : [] } as never];
    }),
  );
}

/** What the graph itself takes. */
function describeInputs(manifest: Pick<Manifest, 'input' | 'inputs'>): string {
  const inputs = inputsOf(manifest);
  const shapes = inputs.map(
    ({ dims }) =>
      `[${dims
        .slice(1)
        .map(dim => dim ?? '?')
        .join(', ')}]`,
  );
  return inputs.length === 1
    ? `a vector ${shapes[0]}`
    : `{ tensors } of ${inputs.map(({ name, type }, i) => `${name} ${shapes[i]} (${type})`).join(', ')}`;
}

function refuse(code: string, reason: string) {
  return { refusal: { code, reason } };
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'object'
    ? `an object (${value.constructor?.name ?? 'no class'})`
    : `a ${typeof value}`;
}
