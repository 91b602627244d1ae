/** Strength of a corruption: 1 (weak) to 5 (strong). */
export type Severity = 1 | 2 | 3 | 4 | 5;

/** For images of which size the strengths were chosen: ImageNet-C (224 pixels) or CIFAR-10-C (32 pixels). */
export type SeverityScale = 'imagenet' | 'cifar';

/**
 * The published strengths. Source: Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to Common
 * Corruptions and Perturbations", from the authors' code.
 */
export const SEVERITIES = {
  /** Standard deviation, of pixels in [0, 1]. */
  gaussianNoise: { imagenet: [0.08, 0.12, 0.18, 0.26, 0.38], cifar: [0.04, 0.06, 0.08, 0.09, 0.1] },
  /** Photons per unit of brightness. */
  shotNoise: { imagenet: [60, 25, 12, 5, 3], cifar: [500, 250, 100, 75, 50] },
  /** Share of values replaced by 0 or 1. */
  impulseNoise: { imagenet: [0.03, 0.06, 0.09, 0.17, 0.27], cifar: [0.01, 0.02, 0.03, 0.05, 0.07] },
  /** Standard deviation in pixels. */
  gaussianBlur: { imagenet: [1, 2, 3, 4, 6], cifar: [0.4, 0.6, 0.7, 0.8, 1] },
  /** Factor of the difference to the mean of the channel. */
  contrast: { imagenet: [0.4, 0.3, 0.2, 0.1, 0.05], cifar: [0.75, 0.5, 0.4, 0.3, 0.15] },
  /** Quality of the encoder. */
  jpeg: { imagenet: [25, 18, 15, 10, 7], cifar: [80, 65, 58, 50, 40] },
} as const satisfies Record<string, Record<SeverityScale, readonly [number, number, number, number, number]>>;

export type CorruptionName = keyof typeof SEVERITIES;
