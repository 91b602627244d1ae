import type { Detector } from '@ood/detectors';
import type { BackboneOutput, FeatureModel, Matrix } from '@ood/features';
import type { Session, Tensor } from '@ood/onnx';
import { OUTPUTS } from '../graph/output-names.ts';
import type { GraphShape } from '../graph/score-graph.ts';

export interface ScoreModelParts {
  readonly session: Session;
  readonly shape: GraphShape;
  /** Scores features and logits where the graph does not. */
  readonly detector?: Detector | undefined;
  /** Whether features are wanted besides the score. */
  readonly withFeatures: boolean;
}

/**
 * A guard's graph as a model for extraction: its "features" are the column of scores, float32, followed by the features
 * where they are wanted; its logits are the backbone's.
 */
export function scoreModel({ session, shape, detector, withFeatures }: ScoreModelParts): FeatureModel {
  const { input, classes } = shape;
  const wanted = [
    ...(detector ? [] : [OUTPUTS.score]),
    ...(classes === null ? [] : [OUTPUTS.logits]),
    ...(detector || withFeatures ? [OUTPUTS.features] : []),
  ];
  return {
    inputs: [input],
    async run(batch): Promise<BackboneOutput> {
      const tensor = batch as Tensor;
      const rows = tensor.dims[0]!;
      const outputs = await session.run({ [input.name]: tensor }, wanted);
      const matrix = (name: string): Matrix | undefined => {
        const found = outputs[name];
        return found && { rows: found.dims[0]!, cols: found.dims[1]!, data: found.data as Float32Array };
      };
      const [features, logits] = [matrix(OUTPUTS.features), matrix(OUTPUTS.logits)];
      const scores = detector
        ? Float32Array.from(await detector.score({ features, logits }))
        : (outputs[OUTPUTS.score]!.data as Float32Array);
      return {
        features: joinColumns(scores, withFeatures ? features : undefined, rows),
        ...(logits && { logits }),
      };
    },
  };
}

function joinColumns(scores: Float32Array, features: Matrix | undefined, rows: number): Matrix {
  if (features === undefined) return { rows: scores.length, cols: 1, data: scores };
  const cols = features.cols + 1;
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    data[row * cols] = scores[row]!;
    data.set(features.data.subarray(row * features.cols, (row + 1) * features.cols), row * cols + 1);
  }
  return { rows, cols, data };
}

/** Scores and features of what a `scoreModel` with features extracted. */
export function splitColumns({ rows, cols, data }: Matrix): { scores: Float32Array; features: Matrix } {
  const scores = new Float32Array(rows);
  const features = new Float32Array(rows * (cols - 1));
  for (let row = 0; row < rows; row++) {
    scores[row] = data[row * cols]!;
    features.set(data.subarray(row * cols + 1, (row + 1) * cols), row * (cols - 1));
  }
  return { scores, features: { rows, cols: cols - 1, data: features } };
}
