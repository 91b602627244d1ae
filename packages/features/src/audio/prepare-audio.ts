import { float32ToFloat16 } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { type AudioPreprocessing, audioDims } from '../preprocessing/audio-preprocessing.ts';
import { logMelOf } from './log-mel.ts';
import type { Waveform } from './waveform.ts';

/** One window as the model's input without its batch dimension. */
export interface PreparedAudio {
  readonly type: 'float32' | 'float16';
  /** `[window]`, `[frames, mels]` or `[mels, frames]`. */
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint16Array;
}

/**
 * A function that makes model inputs of waveforms of the preprocessing's rate: the window that begins at `start` seconds, or all of a
 * waveform that is no longer than one.
 *
 * @throws FeaturesError SAMPLE_INVALID for a waveform of another rate, a start beyond its end, one that is longer than a window where no
 *   start is given, and a shorter one where `padding` is `refuse`
 */
export function audioPreparer(
  preprocessing: AudioPreprocessing,
): (waveform: Waveform, start?: number) => PreparedAudio {
  const { sampleRate, window, normalize, features, dtype } = preprocessing;
  const dims = audioDims(preprocessing);
  const spectrogram = features && logMelOf({ ...preprocessing, features });
  return (waveform, start) => {
    if (waveform.sampleRate !== sampleRate)
      throw invalid('waveform', `${sampleRate} Hz`, `${waveform.sampleRate}`, 'resample it first');
    const cut = cutWindow(waveform, start, window);
    const whole = cut.length < window ? padded(cut, preprocessing) : cut;
    const values = normalize === 'standardize' ? standardized(whole) : whole;
    const out = spectrogram ? spectrogram(values) : Float32Array.from(values);
    return { type: dtype, dims, data: dtype === 'float16' ? float32ToFloat16(out) : out };
  };
}

function cutWindow({ data, sampleRate }: Waveform, start: number | undefined, window: number): Float32Array {
  const seconds = (samples: number) => `${Number((samples / sampleRate).toFixed(3))} s`;
  if (start === undefined) {
    if (data.length <= window) return data;
    throw invalid(
      'recording',
      `at most one window of ${seconds(window)}, where no start is given`,
      seconds(data.length),
      'give a start, or split it with audioWindows',
    );
  }
  const first = Math.round(start * sampleRate);
  if (Number.isFinite(start) && first >= 0 && first < data.length)
    return data.subarray(first, first + window);
  throw invalid('recording', `a start from 0 to below ${seconds(data.length)}`, `${start}`);
}

function padded(cut: Float32Array, { window, padding, features }: AudioPreprocessing): Float32Array {
  const least = padding === 'refuse' ? window : padding === 'frames' ? (features?.frame ?? 1) : 1;
  if (cut.length < least)
    throw invalid('recording', `at least ${least} samples`, `${cut.length}`, 'leave short ones out');
  if (padding === 'frames') return cut;
  const out = new Float32Array(window);
  out.set(cut);
  if (padding === 'repeat') for (let i = cut.length; i < window; i++) out[i] = cut[i % cut.length]!;
  return out;
}

function standardized(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const scale = Math.sqrt(squares / values.length + 1e-7);
  return values.map(value => (value - mean) / scale);
}

function invalid(where: string, expected: string, got: string, advice = 'correct the sample'): FeaturesError {
  return new FeaturesError('SAMPLE_INVALID', { where, expected, got, advice });
}
