import { fillNormal } from './noise.ts';
import type { TrainingSettings } from './settings.ts';
import { purposeRng } from './streams.ts';

/** Gaussian noise of the right size, in one reused array; nothing where the settings ask for none. */
export class NoiseSource {
  #buffer = new Float32Array(0);
  readonly #settings: TrainingSettings;
  readonly #dim: number;

  constructor(settings: TrainingSettings, dim: number) {
    this.#settings = settings;
    this.#dim = dim;
  }

  draw(purpose: 'noise' | 'validationNoise', index: number, rows: number): Float32Array | undefined {
    const { noise, seed } = this.#settings;
    if (noise === 0) return undefined;
    const length = rows * this.#dim;
    if (this.#buffer.length < length) this.#buffer = new Float32Array(length);
    const target = this.#buffer.subarray(0, length);
    fillNormal(target, purposeRng(seed, purpose, index), noise);
    return target;
  }
}
