import { importOptional } from '@ood/core';
import { type AudioHeader, audioError } from './waveform.ts';

/** Whether bytes begin as those of a FLAC file. */
export function isFlac(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === 'fLaC';
}

/** What the first block of a FLAC file says (RFC 9639, section 8.2). @throws FeaturesError AUDIO_CORRUPT */
export function flacHeader(bytes: Uint8Array): AudioHeader {
  if (bytes.length < 42 || (bytes[4]! & 0x7f) !== 0)
    throw audioError('AUDIO_CORRUPT', 'a whole FLAC header', 'a torn one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = view.getUint32(18);
  const frames = (view.getUint8(21) & 0xf) * 2 ** 32 + view.getUint32(22);
  return {
    format: 'flac',
    sampleRate: word >>> 12,
    channels: ((word >>> 9) & 7) + 1,
    ...(frames > 0 && { frames }),
  };
}

/**
 * The mean of the channels, decoded by libFLAC (`@wasm-audio-decoders/flac`).
 *
 * @throws FeaturesError AUDIO_CORRUPT; CoreError MISSING_PACKAGE
 */
export async function flacSamples(bytes: Uint8Array, { frames }: AudioHeader): Promise<Float32Array> {
  const { FLACDecoder } = await importOptional(() => import('@wasm-audio-decoders/flac'), {
    where: 'decodeAudio',
    name: '@wasm-audio-decoders/flac',
    advice: 'npm install @wasm-audio-decoders/flac, to read FLAC; WAV needs nothing',
  });
  const decoder = new FLACDecoder();
  try {
    await decoder.ready;
    const { channelData, samplesDecoded, bitDepth, errors } = await decoder.decodeFile(bytes);
    const [first] = errors;
    if (first !== undefined) throw audioError('AUDIO_CORRUPT', 'a whole FLAC file', String(first.message));
    if (samplesDecoded === 0 || (frames !== undefined && samplesDecoded !== frames))
      throw audioError('AUDIO_CORRUPT', `${frames ?? 'some'} samples`, `${samplesDecoded}`);
    // The decoder divides by 2^(bits − 1) − 1, all others (libsndfile, torchaudio, our WAV) by 2^(bits − 1).
    const scale = (1 - 2 ** (1 - bitDepth)) / channelData.length;
    const out = new Float32Array(samplesDecoded);
    for (const channel of channelData)
      for (let i = 0; i < samplesDecoded; i++) out[i]! += channel[i]! * scale;
    return out;
  } finally {
    decoder.free();
  }
}
