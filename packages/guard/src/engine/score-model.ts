import type { Detector } from '@ood/detectors';
import type { BackboneOutput, FeatureModel } from '@ood/features';
import type { Session, Tensor } from '@ood/onnx';
import { OUTPUTS } from '../graph/output-names.ts';
import type { GraphShape } from '../graph/score-graph.ts';

export interface ScoreModelParts {
  readonly session: Session;
  readonly shape: Pick<GraphShape, 'input' | 'classes'>;
  /** Scores features and logits where the graph does not. */
  readonly detector?: Detector | undefined;
}

/** A guard's graph as a model for extraction: features, logits, and the scores, float32, as `extra.score` `[batch, 1]`. */
export function scoreModel({ session, shape, detector }: ScoreModelParts): FeatureModel {
  const { input, classes } = shape;
  const wanted = [
    ...(detector ? [] : [OUTPUTS.score]),
    ...(classes === null ? [] : [OUTPUTS.logits]),
    OUTPUTS.features,
  ];
  return {
    inputs: [input],
    async run(batch): Promise<BackboneOutput> {
      const outputs = await session.run({ [input.name]: batch as Tensor }, wanted);
      const features = columnsOf(outputs[OUTPUTS.features]!);
      const logits = classes === null ? undefined : columnsOf(outputs[OUTPUTS.logits]!);
      const rows = { features, ...(logits && { logits }) };
      const score = detector
        ? { rows: features.rows, cols: 1, data: Float32Array.from(await detector.score(rows)) }
        : columnsOf(outputs[OUTPUTS.score]!);
      return { ...rows, extra: { score } };
    },
  };
}

/** An output `[batch]` or `[batch, k]` as rows. */
export function columnsOf({ dims, data }: Tensor): BackboneOutput['features'] {
  const [rows = 0, cols = 1] = dims;
  const numbers = data as ArrayLike<number>;
  return { rows, cols, data: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers) };
}
