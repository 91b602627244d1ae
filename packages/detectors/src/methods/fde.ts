import { type FitOptions, type Flow, fde, fit, type History, type Preset } from '@ood/flows';
import { requireClasses, requireMatrix, requireTrainingMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import type { Matrix, TrainingRows } from '../contract/rows.ts';

export interface FdeOptions extends FitOptions {
  /** The flow and how it is trained. Default: `fde()`; the paper's are `glow()`, `realNvp()` and `residual()`. */
  readonly preset?: Preset;
}

/** A fitted flow as a detector. */
export interface FdeDetector extends Detector {
  readonly flow: Flow;
  /** How training went. */
  readonly history: History;
}

/**
 * Feature density estimation: score = −log p(f) in nats under a normalizing flow fitted to ID features (Cook, Lavoie and
 * Waslander, 2024). Needs features; classes (labels, or the argmax of the logits) help the default preset and are not needed.
 *
 * @throws DetectorsError as every fit, and the FlowsError of `fit`
 */
export async function fitFde(
  training: TrainingRows,
  { preset = fde(), ...options }: FdeOptions = {},
): Promise<FdeDetector> {
  const features = float32(requireTrainingMatrix('fde', training, 'features'));
  const hasClasses = training.labels !== undefined || training.logits !== undefined;
  const labels = hasClasses ? requireClasses('fde', training) : undefined;
  const { flow, history } = await fit(preset, { ...features, ...(labels && { labels }) }, options);
  return {
    flow,
    history,
    describe: () => ({
      name: 'fde',
      title: 'FDE',
      paper:
        'Cook, Lavoie and Waslander, 2024: Feature density estimation for out-of-distribution detection via normalizing flows',
      needs: ['features'],
      parameters: { preset: preset.name, steps: history.steps },
    }),
    score: async (rows, { signal } = {}) => {
      const matrix = float32(requireMatrix('fde', rows, 'features', features.cols));
      const logProb = await flow.logProb(matrix, { ...(signal && { signal }) });
      return logProb.map(value => -value);
    },
    close: () => flow.close(),
  };
}

function float32({ rows, cols, data }: Matrix): { rows: number; cols: number; data: Float32Array } {
  return { rows, cols, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
