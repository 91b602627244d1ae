import { isOodError } from '@ood/core';
import { withinPixelBudget } from '../image/pixel-budget.ts';
import { flacHeader, flacSamples, isFlac } from './flac.ts';
import { resample } from './resample.ts';
import { isWav, wavHeader, wavSamples } from './wav.ts';
import { type AudioHeader, audioError, type Waveform } from './waveform.ts';

/** Samples of all channels that are decoded, at most: 19 minutes of stereo at 44.1 kHz, 104 minutes of speech at 16 kHz. */
const MOST_VALUES = 100_000_000;
const RATES = [1000, 384_000] as const;

export interface DecodeAudioOptions {
  /** Hz of the result. Default: those of the recording. */
  readonly sampleRate?: number;
}

/** What the header of a WAV or FLAC file says. @throws FeaturesError AUDIO_EMPTY, AUDIO_UNSUPPORTED, AUDIO_CORRUPT, AUDIO_TOO_LARGE */
export function probeAudio(bytes: Uint8Array): AudioHeader {
  if (bytes.length === 0) throw audioError('AUDIO_EMPTY', 'the bytes of a recording', '0 bytes');
  const header = isWav(bytes) ? wavHeader(bytes) : isFlac(bytes) ? flacHeader(bytes) : undefined;
  if (header === undefined)
    throw audioError(
      'AUDIO_UNSUPPORTED',
      'WAV or FLAC',
      'bytes that start like neither of them',
      'convert it: ffmpeg -i FILE OUT.flac',
    );
  const { sampleRate, channels, frames } = header;
  if (channels < 1 || !(sampleRate >= RATES[0] && sampleRate <= RATES[1]))
    throw audioError(
      'AUDIO_CORRUPT',
      `channels, and ${RATES[0]} to ${RATES[1]} Hz`,
      `${channels} channels, ${sampleRate} Hz`,
    );
  if (frames === 0) throw audioError('AUDIO_EMPTY', 'samples', 'none');
  if ((frames ?? 0) * channels > MOST_VALUES)
    throw audioError(
      'AUDIO_TOO_LARGE',
      `at most ${MOST_VALUES} samples`,
      `${frames! * channels}`,
      'split the recording',
    );
  return header;
}

/**
 * A WAV or FLAC file as one channel, the mean of those that it has, resampled where another rate is asked for. Integers become
 * shares of full scale: 16 bits are divided by 32,768. At most 100 million samples are decoded at a time in a process.
 *
 * @throws FeaturesError AUDIO_EMPTY, AUDIO_UNSUPPORTED, AUDIO_CORRUPT, AUDIO_TOO_LARGE; CoreError MISSING_PACKAGE for FLAC without
 *   its decoder
 */
export async function decodeAudio(bytes: Uint8Array, options: DecodeAudioOptions = {}): Promise<Waveform> {
  const header = probeAudio(bytes);
  const { sampleRate = header.sampleRate } = options;
  // As many bytes as a FLAC file has, a sample each at least, where it does not say how many it holds.
  const values = (header.frames ?? bytes.length) * header.channels;
  return withinPixelBudget(values, async () => {
    const data = await samplesOf(bytes, header);
    if (!data.every(Number.isFinite)) throw audioError('AUDIO_CORRUPT', 'finite samples', 'NaN or infinity');
    return resample({ sampleRate: header.sampleRate, data }, sampleRate);
  });
}

async function samplesOf(bytes: Uint8Array, header: AudioHeader): Promise<Float32Array> {
  if (header.format === 'wav') return wavSamples(bytes, wavHeader(bytes));
  try {
    return await flacSamples(bytes, header);
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    throw audioError('AUDIO_CORRUPT', 'a whole FLAC file', String(cause).slice(0, 120));
  }
}
