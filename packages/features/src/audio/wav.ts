import { type AudioHeader, audioError } from './waveform.ts';

/** Numbers of the header that say how samples are written. */
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** The data size that a writer leaves which cannot go back to correct it. */
const UNKNOWN_SIZE = 0xffffffff;

/** How samples are read, and where they are. */
export interface WavHeader extends AudioHeader {
  readonly frames: number;
  readonly encoding: 'unsigned' | 'integer' | 'float';
  readonly bits: number;
  /** Of the first sample, in bytes. */
  readonly offset: number;
}

/** Whether bytes begin as those of a WAV file. */
export function isWav(bytes: Uint8Array): boolean {
  return textAt(bytes, 0) === 'RIFF' && textAt(bytes, 8) === 'WAVE';
}

/** The header of a WAV file: PCM of 8, 16, 24 or 32 bits, floats of 32 or 64. @throws FeaturesError AUDIO_CORRUPT, AUDIO_UNSUPPORTED */
export function wavHeader(bytes: Uint8Array): WavHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Pick<WavHeader, 'sampleRate' | 'channels' | 'encoding' | 'bits'> | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = textAt(bytes, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') format = wavFormat(view, start, size);
    if (name === 'data') {
      if (format === undefined) throw audioError('AUDIO_CORRUPT', 'a format before the samples', 'none');
      const left = bytes.length - start;
      const length = size === UNKNOWN_SIZE ? left : size;
      if (length > left) throw audioError('AUDIO_CORRUPT', `${length} bytes of samples`, `${left}`);
      const frames = Math.floor(length / ((format.channels * format.bits) / 8));
      return { format: 'wav', ...format, frames, offset: start };
    }
    // Chunks begin at even bytes.
    at = start + size + (size % 2);
  }
  throw audioError('AUDIO_CORRUPT', 'samples', 'a header without them');
}

function wavFormat(view: DataView, at: number, size: number) {
  if (size < 16 || at + size > view.byteLength)
    throw audioError('AUDIO_CORRUPT', 'a whole header', 'a torn one');
  const declared = view.getUint16(at, true);
  const tag = declared === EXTENSIBLE && size >= 40 ? view.getUint16(at + 24, true) : declared;
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  const known = tag === PCM ? [8, 16, 24, 32] : tag === FLOAT ? [32, 64] : [];
  if (!known.includes(bits))
    throw audioError(
      'AUDIO_UNSUPPORTED',
      'PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64',
      `format ${tag} of ${bits} bits`,
      'convert it: ffmpeg -i FILE -c:a pcm_s16le OUT.wav',
    );
  const encoding =
    tag === FLOAT ? ('float' as const) : bits === 8 ? ('unsigned' as const) : ('integer' as const);
  return { channels, sampleRate, encoding, bits };
}

/** The mean of the channels, integers as shares of full scale. */
export function wavSamples(
  bytes: Uint8Array,
  { frames, channels, encoding, bits, offset }: WavHeader,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bits / 8;
  const read = reader(view, encoding, bits);
  const out = new Float32Array(frames);
  for (let frame = 0, at = offset; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += width) sum += read(at);
    out[frame] = sum / channels;
  }
  return out;
}

function reader(view: DataView, encoding: WavHeader['encoding'], bits: number): (at: number) => number {
  if (encoding === 'float')
    return bits === 32 ? at => view.getFloat32(at, true) : at => view.getFloat64(at, true);
  if (encoding === 'unsigned') return at => (view.getUint8(at) - 128) / 128;
  if (bits === 16) return at => view.getInt16(at, true) / 2 ** 15;
  if (bits === 24) return at => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  return at => view.getInt32(at, true) / 2 ** 31;
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
