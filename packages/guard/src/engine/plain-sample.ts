import type { Sample } from '@ood/features';
import type { Refusal } from '../contract/guard.ts';
import type { Manifest } from '../folder/manifest.ts';

/** The sample with nothing but what the engine reads, so that it can be sent to a thread; or why it is none. */
export function plainSample(
  sample: Sample,
  { preprocessing, input }: Pick<Manifest, 'preprocessing' | 'input'>,
): Sample | { readonly refusal: Refusal } {
  const { id, bytes, pixels, vector }: Untyped = sample;
  if (vector instanceof Float32Array) return { id, vector };
  const image =
    bytes instanceof Uint8Array ? { id, bytes } : isPixels(pixels) ? { id, ...pick(pixels) } : null;
  if (image === null) {
    return refuse(
      'SAMPLE_INVALID',
      `expected the bytes of an image file (Uint8Array), pixels { width, height, channels, data } or a vector (Float32Array), got ${nameOf(bytes ?? pixels ?? vector)}; read the file first`,
    );
  }
  if (preprocessing !== null) return image;
  const dims = input.dims.slice(1).map(dim => dim ?? '?');
  return refuse(
    'MODEL_INPUT_MISMATCH',
    `expected a vector [${dims.join(', ')}], since the guard was made without a preprocessing, got an image; make one with a preprocessing`,
  );
}

/** A sample as a caller without types may give it. */
interface Untyped {
  readonly id: string;
  readonly bytes?: unknown;
  readonly pixels?: unknown;
  readonly vector?: unknown;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

function isPixels(value: unknown): value is Pixels {
  return typeof value === 'object' && value !== null && (value as Partial<Pixels>).data instanceof Uint8Array;
}

function pick({ width, height, channels, data }: Pixels) {
  return { pixels: { width, height, channels, data } };
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
