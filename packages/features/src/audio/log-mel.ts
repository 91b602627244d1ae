import { type AudioPreprocessing, frameCount, type LogMel } from '../preprocessing/audio-preprocessing.ts';
import { melFilters } from './mel-filters.ts';
import { powerSpectrum } from './power-spectrum.ts';

/** The log-mel spectrogram of a window, `[frames, mels]` or `[mels, frames]`, row-major. */
export function logMelOf(
  preprocessing: AudioPreprocessing & { readonly features: LogMel },
): (window: Float32Array) => Float32Array {
  const { features, sampleRate } = preprocessing;
  const { frame, step, center, mels, floor, offset, range, mean, std, layout } = features;
  const wanted = frameCount(preprocessing);
  const filters = melFilters(sampleRate, features);
  const spectrumOf = frameSpectrum(features);
  const log = features.log === 'ln' ? Math.log : Math.log10;
  const power = new Float64Array(features.fftSize / 2 + 1);
  return window => {
    const padded = center ? reflected(window, Math.floor(frame / 2)) : window;
    const there = 1 + Math.floor((padded.length - frame) / step);
    const values = new Float64Array(wanted * mels);
    let largest = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < Math.min(wanted, there); t++) {
      spectrumOf(padded, t * step, power);
      for (let m = 0; m < mels; m++) {
        const { first, weights } = filters[m]!;
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * power[first + k]!;
        const value = log(Math.max(floor, sum) + offset);
        values[t * mels + m] = value;
        if (value > largest) largest = value;
      }
    }
    const least = range === null ? Number.NEGATIVE_INFINITY : largest - range;
    const out = new Float32Array(values.length);
    for (let t = 0; t < wanted; t++)
      for (let m = 0; m < mels; m++)
        out[layout === 'time-mel' ? t * mels + m : m * wanted + t] =
          (Math.max(least, values[t * mels + m]!) - mean) / std;
    return out;
  };
}

/** The spectrum of the frame that begins at a sample, written to `out`. */
function frameSpectrum({ frame, fftSize, taper, removeMean, preEmphasis, power }: LogMel) {
  const transform = powerSpectrum(fftSize);
  const weights = taperOf(taper, frame);
  const buffer = new Float64Array(fftSize);
  return (samples: Float32Array, start: number, out: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < frame; i++) {
      buffer[i] = samples[start + i]!;
      sum += buffer[i]!;
    }
    const mean = removeMean ? sum / frame : 0;
    // From behind: each sample needs the one before it as it was.
    for (let i = frame - 1; i >= 0; i--) {
      const before = buffer[Math.max(0, i - 1)]! - mean;
      buffer[i] = (buffer[i]! - mean - preEmphasis * before) * weights[i]!;
    }
    transform(buffer, out);
    if (power === 1) for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(out[i]!);
  };
}

function taperOf(taper: LogMel['taper'], length: number): Float64Array {
  const period = taper === 'hann' ? length : length - 1;
  return Float64Array.from({ length }, (_, i) => {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / period);
    return taper === 'povey' ? hann ** 0.85 : hann;
  });
}

/** The samples with `margin` more at each end, mirrored at the first and last sample. */
function reflected(samples: Float32Array, margin: number): Float32Array {
  const { length } = samples;
  const period = Math.max(1, 2 * (length - 1));
  return Float32Array.from({ length: length + 2 * margin }, (_, i) => {
    const at = (((i - margin) % period) + period) % period;
    return samples[at < length ? at : period - at]!;
  });
}
