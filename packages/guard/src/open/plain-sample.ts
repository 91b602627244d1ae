import type { Sample } from '@ood/features';
import type { Manifest } from '../folder/manifest.ts';
import type { GuardInput, Refusal } from './guard.ts';

/** The sample with nothing but what the engine reads, so that it can be sent to a thread; or why it is none. Never throws. */
export function plainSample(
  given: () => Sample,
  { preprocessing, input }: Pick<Manifest, 'preprocessing' | 'input'>,
): Sample | { readonly refusal: Refusal } {
  let sample: Sample | undefined;
  let got: string;
  try {
    const untyped: Untyped = given();
    sample = read(untyped);
    got = nameOf(untyped.bytes ?? untyped.pixels ?? untyped.vector);
  } catch (error) {
    got = `one that throws when it is read (${String(error instanceof Error ? error.message : error).slice(0, 200)})`;
  }
  if (sample === undefined)
    return refuse(
      'SAMPLE_INVALID',
      `expected the bytes of an image file (Uint8Array), pixels { width, height, channels, data } or a vector (Float32Array), got ${got}; read the file first`,
    );
  if ('vector' in sample || preprocessing !== null) return sample;
  const dims = input.dims.slice(1).map(dim => dim ?? '?');
  return refuse(
    'MODEL_INPUT_MISMATCH',
    `expected a vector [${dims.join(', ')}], since the guard was made without a preprocessing, got an image; make one with a preprocessing`,
  );
}

/** An input as a sample. */
export function asSample(input: GuardInput, id: string): Sample {
  if (input instanceof Uint8Array) return { id, bytes: input };
  if (input instanceof Float32Array) return { id, vector: input };
  return { id, pixels: input };
}

/** A sample as a caller without types may give it. */
interface Untyped {
  readonly id?: unknown;
  readonly bytes?: unknown;
  readonly pixels?: unknown;
  readonly vector?: unknown;
}

function read(sample: Untyped): Sample | undefined {
  const { bytes, pixels, vector } = sample;
  const id = String(sample.id);
  if (vector instanceof Float32Array) return { id, vector };
  if (bytes instanceof Uint8Array) return { id, bytes };
  if (typeof pixels !== 'object' || pixels === null) return undefined;
  // Read once: a getter may answer otherwise the second time.
  const { width, height, channels, data } = pixels as Record<string, unknown>;
  if (!(data instanceof Uint8Array) || ![width, height, channels].every(size => typeof size === 'number'))
    return undefined;
  return { id, pixels: { width, height, channels, data } as never };
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
