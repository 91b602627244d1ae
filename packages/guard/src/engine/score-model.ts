import type { Detector } from '@ood/detectors';
import type { BackboneOutput, FeatureModel } from '@ood/features';
import type { Session, Tensor, TensorInfo } from '@ood/onnx';
import { OUTPUTS } from '../graph/output-names.ts';
import type { GraphShape } from '../graph/score-graph.ts';

export interface ScoreModelParts {
  readonly session: Session;
  readonly shape: Pick<GraphShape, 'inputs' | 'classes'>;
  /** Scores features and logits where the graph does not. */
  readonly detector?: Detector | undefined;
}

/** A guard's graph as a model for extraction: features, logits, and the scores, float32, as `extra.score` `[batch, 1]`. */
export function scoreModel({ session, shape, detector }: ScoreModelParts): FeatureModel {
  const { inputs, classes } = shape;
  const wanted = [
    ...(detector ? [] : [OUTPUTS.score]),
    ...(classes === null ? [] : [OUTPUTS.logits]),
    OUTPUTS.features,
  ];
  return {
    inputs,
    async run(batch): Promise<BackboneOutput> {
      const outputs = await session.run(feedsOf(inputs, batch), wanted);
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

/** A batch by input names: extraction gives a model of one input its tensor alone. */
export function feedsOf(
  [input, ...others]: readonly TensorInfo[],
  batch: Parameters<FeatureModel['run']>[0],
): Readonly<Record<string, Tensor>> {
  return others.length === 0
    ? { [input!.name]: batch as Tensor }
    : (batch as Readonly<Record<string, Tensor>>);
}

/** An output `[batch]` or `[batch, k]` as rows. */
export function columnsOf({ dims, data }: Tensor): BackboneOutput['features'] {
  const [rows = 0, cols = 1] = dims;
  const numbers = data as ArrayLike<number>;
  return { rows, cols, data: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers) };
}
