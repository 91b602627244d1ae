import type { LogMel } from '../preprocessing/audio-preprocessing.ts';

/** A filter as the bins from `first` on, and their weights. */
export interface MelFilter {
  readonly first: number;
  readonly weights: Float64Array;
}

type MelScale = Pick<LogMel, 'mels' | 'minHz' | 'maxHz' | 'scale' | 'triangles' | 'norm' | 'fftSize'>;

/** Triangles whose corners are evenly spaced in mels, over the bins of a spectrum of `fftSize` at `sampleRate`. */
export function melFilters(sampleRate: number, options: MelScale): MelFilter[] {
  const { mels, minHz, maxHz, scale, triangles, norm, fftSize } = options;
  const [low, high] = [toMel[scale](minHz), toMel[scale](maxHz)];
  const corners = Array.from({ length: mels + 2 }, (_, i) => {
    const mel = low + ((high - low) * i) / (mels + 1);
    return triangles === 'mel' ? mel : toHz[scale](mel);
  });
  const bins = Float64Array.from({ length: fftSize / 2 + 1 }, (_, bin) => {
    const hz = (bin * sampleRate) / fftSize;
    return triangles === 'mel' ? toMel[scale](hz) : hz;
  });
  return Array.from({ length: mels }, (_, i) => {
    const [left, center, right] = [corners[i]!, corners[i + 1]!, corners[i + 2]!];
    const factor = norm === 'slaney' ? 2 / (right - left) : 1;
    const weights = bins.map(bin =>
      Math.max(0, factor * Math.min((bin - left) / (center - left), (right - bin) / (right - center))),
    );
    const first = Math.max(
      0,
      weights.findIndex(weight => weight > 0),
    );
    const last = weights.findLastIndex(weight => weight > 0);
    return { first, weights: weights.slice(first, Math.max(first, last + 1)) };
  });
}

/** Slaney's scale: 3 / 200 mels a Hz up to 1000 Hz, then 27 mels for each factor of 6.4. */
const KNEE = { hz: 1000, mel: 15, perFactor: 27 / Math.log(6.4) };

const toMel: Readonly<Record<LogMel['scale'], (hz: number) => number>> = {
  htk: hz => 2595 * Math.log10(1 + hz / 700),
  kaldi: hz => 1127 * Math.log(1 + hz / 700),
  slaney: hz => (hz < KNEE.hz ? (3 * hz) / 200 : KNEE.mel + KNEE.perFactor * Math.log(hz / KNEE.hz)),
};

const toHz: Readonly<Record<LogMel['scale'], (mel: number) => number>> = {
  htk: mel => 700 * (10 ** (mel / 2595) - 1),
  kaldi: mel => 700 * (Math.exp(mel / 1127) - 1),
  slaney: mel => (mel < KNEE.mel ? (200 * mel) / 3 : KNEE.hz * Math.exp((mel - KNEE.mel) / KNEE.perFactor)),
};
