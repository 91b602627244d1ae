import { throwIfAborted } from '@ood/core';
import type { Detector } from '@ood/detectors';
import type { FeatureModel } from '@ood/features';
import { type ModelProto, openModel } from '@ood/onnx';
import { type Reference, referenceOf } from '../engine/reference.ts';
import { scoreModel } from '../engine/score-model.ts';
import { scoreGraph } from '../graph/score-graph.ts';
import { detectorGraph, fitOrTake } from './detector.ts';
import type { Prepared } from './prepare.ts';
import type { Resources } from './resources.ts';
import { openRowScorer, type RowScorer } from './row-scorer.ts';
import { blocksOf } from './rows.ts';

/** A detector behind a model, not calibrated yet. */
export interface Fitted extends Prepared {
  readonly detector: Detector;
  /** Whether the deployed graph computes the score, or the detector beside it. */
  readonly scoredBy: 'graph' | 'detector';
  /** The graph that is deployed, and the same as a model for extraction. */
  readonly model: ModelProto;
  readonly scorer: FeatureModel;
  readonly rowScorer: RowScorer;
  /** Absent for a detector that was handed in without training rows. */
  readonly reference: Reference | undefined;
}

/** Fits the detector and puts it behind the model. */
export async function fit(prepared: Prepared, resources: Resources): Promise<Fitted> {
  const { options, backbone, features, shape, train } = prepared;
  const { runtime, threads, signal } = options;
  const detector = await fitOrTake(options, train?.rows, backbone.head);
  if (typeof options.detector !== 'object') resources.add(() => detector.close());
  throwIfAborted('fitGuard', signal);

  const graph = await detectorGraph(detector);
  const { reads } = detector.describe();
  const model = graph ? scoreGraph(features, graph, { reads, shape }) : features;
  const session = await openModel(runtime, model, { ...(threads !== undefined && { threads }) });
  resources.add(() => session.close());
  const rowScorer = await openRowScorer(detector, graph, runtime);
  resources.add(() => rowScorer.close());
  const scorer = scoreModel({ session, shape, ...(!graph && { detector }) });
  const reference = train && (await referenceOf(blocksOf(train.rows)));
  throwIfAborted('fitGuard', signal);
  return {
    ...prepared,
    detector,
    scoredBy: graph ? 'graph' : 'detector',
    model,
    scorer,
    rowScorer,
    reference,
  };
}
