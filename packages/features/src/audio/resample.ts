import type { Waveform } from './waveform.ts';

/** Zero crossings of the filter on each side, at the lower of the two rates, and the shape of its Kaiser window. */
const CROSSINGS = 10;
const BETA = 5;

/** Number of samples at another rate. */
export function resampledLength(length: number, from: number, to: number): number {
  const divisor = greatestDivisor(from, to);
  return Math.ceil((length * (to / divisor)) / (from / divisor));
}

/**
 * A waveform at another rate, by a polyphase filter: `scipy.signal.resample_poly(x, to, from)` with its default window, a sinc of
 * 10 zero crossings a side under a Kaiser window of β = 5, the ends taken for zeros.
 */
export function resample({ sampleRate, data }: Waveform, to: number): Waveform {
  if (to === sampleRate) return { sampleRate, data };
  const divisor = greatestDivisor(sampleRate, to);
  const up = to / divisor;
  const down = sampleRate / divisor;
  const { taps, half } = filter(up, down);
  const out = new Float32Array(resampledLength(data.length, sampleRate, to));
  for (let k = 0; k < out.length; k++) {
    const center = k * down;
    const first = Math.max(0, Math.ceil((center - half) / up));
    const last = Math.min(data.length - 1, Math.floor((center + half) / up));
    let sum = 0;
    for (let i = first, tap = half + center - first * up; i <= last; i++, tap -= up)
      sum += data[i]! * taps[tap]!;
    out[k] = sum;
  }
  return { sampleRate: to, data: out };
}

/** A low-pass at the lower of both rates: `firwin(2 · half + 1, 1 / max(up, down), window=('kaiser', 5))`, times `up`. */
function filter(up: number, down: number): { readonly taps: Float64Array; readonly half: number } {
  const most = Math.max(up, down);
  const half = CROSSINGS * most;
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let n = -half; n <= half; n++) {
    const x = (Math.PI * n) / most;
    const sinc = n === 0 ? 1 : Math.sin(x) / x;
    const value = sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (n / half) ** 2)));
    taps[n + half] = value;
    sum += value;
  }
  for (let i = 0; i < taps.length; i++) taps[i]! *= up / sum;
  return { taps, half };
}

/** The modified Bessel function I₀, by its power series. */
function bessel(x: number): number {
  const quarter = (x * x) / 4;
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
