import FFT from 'fft.js';

/** Squared magnitudes of the first `size / 2 + 1` bins of the discrete Fourier transform of real values `[size]`, written to `out`. */
export type PowerSpectrum = (values: Float64Array, out: Float64Array) => void;

/** The transform of any even size. */
export function powerSpectrum(size: number): PowerSpectrum {
  return (size & (size - 1)) === 0 ? ofPowerOfTwo(size) : ofAnySize(size);
}

function ofPowerOfTwo(size: number): PowerSpectrum {
  const fft = new FFT(size);
  const spectrum = fft.createComplexArray();
  return (values, out) => {
    fft.realTransform(spectrum, values);
    for (let bin = 0; bin <= size / 2; bin++)
      out[bin] = spectrum[2 * bin]! ** 2 + spectrum[2 * bin + 1]! ** 2;
  };
}

/**
 * Bluestein's algorithm (1970): with `w[n] = exp(−iπn² / N)`, `X[k] = w[k] Σ (x[n] w[n]) w̄[k − n]`, a convolution, which transforms of
 * a power of two compute. The factor `w[k]` does not change the magnitude.
 */
function ofAnySize(size: number): PowerSpectrum {
  const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const fft = new FFT(length);
  const [cos, sin] = [new Float64Array(size), new Float64Array(size)];
  const chirp = new Float64Array(2 * length);
  for (let n = 0; n < size; n++) {
    // n² modulo 2N: the angle of a large n² would lose digits.
    const angle = (Math.PI * ((n * n) % (2 * size))) / size;
    cos[n] = Math.cos(angle);
    sin[n] = Math.sin(angle);
    for (const at of n === 0 ? [0] : [n, length - n]) {
      chirp[2 * at] = cos[n]!;
      chirp[2 * at + 1] = sin[n]!;
    }
  }
  const kernel = fft.createComplexArray();
  fft.transform(kernel, chirp);
  const input = new Float64Array(2 * length);
  const [spectrum, convolved] = [fft.createComplexArray(), fft.createComplexArray()];
  return (values, out) => {
    for (let n = 0; n < size; n++) {
      input[2 * n] = values[n]! * cos[n]!;
      input[2 * n + 1] = -values[n]! * sin[n]!;
    }
    fft.transform(spectrum, input);
    for (let i = 0; i < 2 * length; i += 2) {
      const [a, b, c, d] = [spectrum[i]!, spectrum[i + 1]!, kernel[i]!, kernel[i + 1]!];
      spectrum[i] = a * c - b * d;
      spectrum[i + 1] = a * d + b * c;
    }
    fft.inverseTransform(convolved, spectrum);
    for (let bin = 0; bin <= size / 2; bin++)
      out[bin] = convolved[2 * bin]! ** 2 + convolved[2 * bin + 1]! ** 2;
  };
}
