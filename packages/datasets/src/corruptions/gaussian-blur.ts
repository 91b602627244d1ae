import type { Pixels } from '../contract/sample.ts';

/** Gaussian filter with standard deviation `sigma` in pixels, cut at 4σ, edges repeated (as scikit-image's). */
export function gaussianBlur(pixels: Pixels, sigma: number): Pixels {
  const { width, height, channels, data } = pixels;
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const weights = kernel.map(weight => weight / sum);
  const rows = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let value = 0;
        for (let k = -radius; k <= radius; k++) {
          const from = Math.min(width - 1, Math.max(0, x + k));
          value += weights[k + radius]! * data[(y * width + from) * channels + channel]!;
        }
        rows[(y * width + x) * channels + channel] = value;
      }
    }
  }
  const blurred = new Uint8Array(data.length);
  const stride = width * channels;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < stride; i++) {
      let value = 0;
      for (let k = -radius; k <= radius; k++) {
        value += weights[k + radius]! * rows[Math.min(height - 1, Math.max(0, y + k)) * stride + i]!;
      }
      blurred[y * stride + i] = Math.floor(Math.min(255, Math.max(0, value + 1e-9)));
    }
  }
  return { ...pixels, data: blurred };
}
