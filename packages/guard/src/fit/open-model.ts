import { throwIfAborted } from '@ood/core';
import { type Backbone, openBackbone } from '@ood/features';
import type { ModelProto } from '@ood/onnx';
import { featureGraph, type GraphShape, inputNames } from '../graph/score-graph.ts';
import { shapeOf } from './backbone-shape.ts';
import { checkClasses } from './class-names.ts';
import { requireModelFor } from './detector.ts';
import type { CheckedOptions } from './options.ts';
import type { Resources } from './resources.ts';
import { type HeadLogits, openHeadLogits } from './row-scorer.ts';

/** A model found to be fit for a guard. */
export interface OpenModel {
  readonly options: CheckedOptions;
  readonly backbone: Backbone;
  /** The backbone's graph under the names of a guard's. */
  readonly features: ModelProto;
  readonly shape: GraphShape;
  readonly head: HeadLogits;
}

/** Opens the model. @throws GuardError `UNSUPPORTED`, `INVALID_OPTION` where it cannot be what the options ask for */
export async function openModel(options: CheckedOptions, resources: Resources): Promise<OpenModel> {
  const { runtime, threads, signal } = options;
  throwIfAborted('fitGuard', signal);
  const backbone = await openBackbone(options.model, {
    ...options.backbone,
    runtime,
    ...(threads !== undefined && { threads }),
  });
  resources.add(() => backbone.close());
  const declared = shapeOf(backbone);
  requireModelFor(options, backbone, declared);
  checkClasses(options.classes, declared);
  const head = await openHeadLogits(backbone.head, runtime);
  resources.add(() => head.close());
  const features = featureGraph(backbone.graph(), declared);
  const names = inputNames(features);
  const inputs = declared.inputs.map((input, i) => ({ ...input, name: names[i]! }));
  const shape = { ...declared, inputs };
  return { options, backbone, features, shape, head };
}
