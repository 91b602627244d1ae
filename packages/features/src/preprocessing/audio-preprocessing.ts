/**
 * What happens to a recording between its file and the model: decode → mean of the channels → resample → cut a window → normalize
 * → the waveform, or its log-mel spectrogram. Plain data: it serialises as JSON and has a hash.
 */
export interface AudioPreprocessing {
  readonly kind: 'audio';
  /** Version of this description, and of the resampling: `resample_poly` of SciPy with its default window (Kaiser, β = 5). */
  readonly version: 1;
  /** Hz. Recordings of another rate are resampled. */
  readonly sampleRate: number;
  /** Length of a window, in samples: what the model sees at once. */
  readonly window: number;
  /** From the start of a window to that of the next, in samples. */
  readonly hop: number;
  /**
   * What a recording shorter than a window becomes: filled with zeros, repeated, a spectrogram whose missing frames are zeros (before
   * `mean` and `std`), or refused.
   */
  readonly padding: 'zeros' | 'repeat' | 'frames' | 'refuse';
  /** Of each window: `standardize` is `(x − mean) / √(variance + 10⁻⁷)`, as wav2vec 2.0 wants it. */
  readonly normalize: 'none' | 'standardize';
  /** `null` gives the waveform itself, `[window]`. */
  readonly features: LogMel | null;
  readonly dtype: 'float32' | 'float16';
}

/**
 * A log-mel spectrogram: frames → mean removed → pre-emphasis → taper → |FFT|ᵖ → triangular filters → max(floor, ·) + offset → log →
 * as many frames as wanted → dynamic range → `(value − mean) / std`.
 */
export interface LogMel {
  /** Samples of a frame, and from one to the next. */
  readonly frame: number;
  readonly step: number;
  /** Length of the FFT, at least `frame`; the rest is zeros. */
  readonly fftSize: number;
  /** `hann` is periodic, as of a spectrogram; `hann-symmetric` and `povey` (its 0.85th power) are Kaldi's. */
  readonly taper: 'hann' | 'hann-symmetric' | 'povey';
  /** Whether frames are centered on their times, the ends reflected (Whisper, librosa); else the first frame begins at 0. */
  readonly center: boolean;
  /** Whether each frame's mean is taken from it first (Kaldi). */
  readonly removeMean: boolean;
  /** Factor c of `x[i] − c · x[i − 1]`; 0 for none. */
  readonly preEmphasis: number;
  /** 1 for the magnitude, 2 for the power of the spectrum. */
  readonly power: 1 | 2;
  /** Number of filters. */
  readonly mels: number;
  readonly minHz: number;
  readonly maxHz: number;
  /** `htk` is `2595 log₁₀(1 + f / 700)`, `kaldi` `1127 ln(1 + f / 700)`, `slaney` linear up to 1000 Hz. */
  readonly scale: 'htk' | 'kaldi' | 'slaney';
  /** Whether filters are triangles over Hz (librosa) or over mels (Kaldi, TensorFlow). */
  readonly triangles: 'hz' | 'mel';
  /** `slaney` divides each filter by half its width in Hz. */
  readonly norm: 'slaney' | null;
  /** Least value before the logarithm. */
  readonly floor: number;
  /** Added before the logarithm. */
  readonly offset: number;
  readonly log: 'ln' | 'log10';
  /** Exact number of frames: more are cut, missing ones are zeros before `mean` and `std`. `null`: as many as there are. */
  readonly frames: number | null;
  /** Values further below the largest than this are raised to that; `null` for none. */
  readonly range: number | null;
  readonly mean: number;
  readonly std: number;
  readonly layout: 'time-mel' | 'mel-time';
}

/** Number of frames of a window. */
export function frameCount({ window, features }: AudioPreprocessing & { readonly features: LogMel }): number {
  const { frame, step, center, frames } = features;
  const length = center ? window + 2 * Math.floor(frame / 2) : window;
  return frames ?? 1 + Math.floor((length - frame) / step);
}

/** Shape of a prepared window, without the batch. */
export function audioDims(preprocessing: AudioPreprocessing): readonly number[] {
  const { window, features } = preprocessing;
  if (features === null) return [window];
  const frames = frameCount({ ...preprocessing, features });
  return features.layout === 'time-mel' ? [frames, features.mels] : [features.mels, frames];
}
