import { throwIfAborted } from '@ood/core';
import { type Backbone, openBackbone } from '@ood/features';
import type { ModelProto } from '@ood/onnx';
import { type CalibrationSource, requireEnough } from '../calibration/decision.ts';
import { holdOut } from '../calibration/hold-out.ts';
import { type UsableRows, usableRows } from '../calibration/usable-rows.ts';
import { featureGraph, type GraphShape, inputName } from '../graph/score-graph.ts';
import { shapeOf } from './backbone-shape.ts';
import { checkProvenance } from './check-rows.ts';
import { checkClasses } from './class-names.ts';
import { requireModelFor } from './detector.ts';
import type { CheckedOptions } from './options.ts';
import type { Resources } from './resources.ts';
import { type HeadLogits, openHeadLogits } from './row-scorer.ts';
import { type RowSet, readRows, subsetOf } from './row-set.ts';

/** Share of the fitting rows that calibrates where no other rows do. */
const HELD_OUT = 0.2;

/** A model found to be fit for a guard. */
export interface OpenBackbone {
  readonly options: CheckedOptions;
  readonly backbone: Backbone;
  /** The backbone's graph under the names of a guard's. */
  readonly features: ModelProto;
  readonly shape: GraphShape;
  readonly head: HeadLogits;
}

/** All that a fit needs: the model, the rows to fit on, and those to calibrate on. */
export interface Prepared extends OpenBackbone {
  /** Absent for a detector that was handed in without training rows. */
  readonly train: RowSet | undefined;
  readonly calibration: RowSet & UsableRows & { readonly source: CalibrationSource };
}

/** Opens the model and reads all rows, so that whatever is wrong with them is said before the long work of fitting. */
export async function prepare(options: CheckedOptions, resources: Resources): Promise<Prepared> {
  const open = await openModelFor(options, resources);
  const { train: fitted, calibration: given, signal, seed, alpha } = options;
  for (const [option, source] of Object.entries({ train: fitted, calibration: given }))
    if (source)
      checkProvenance(source, { option, backbone: open.backbone, preprocessing: options.preprocessing });
  const unseen = given && (await readRows(open, given, 'calibration'));
  throwIfAborted('fitGuard', signal);
  const all = fitted && (await readRows(open, fitted, 'train'));
  throwIfAborted('fitGuard', signal);

  const isHeld = Uint8Array.from({ length: all?.prints.rows ?? 0 }, rowDrawer(seed));
  const train = all && (unseen ? all : subsetOf(all, row => isHeld[row] === 0));
  const source = unseen ? 'unseen' : 'held-out';
  const calibration = unseen ?? subsetOf(all!, row => isHeld[row] === 1);
  const usable = usableRows(calibration, { train, source });
  const left = usable.use.reduce((sum, one) => sum + one, 0);
  requireEnough(left, { alpha, source, rows: usable.counts });
  return { ...open, train, calibration: { ...calibration, ...usable, source } };
}

async function openModelFor(options: CheckedOptions, resources: Resources): Promise<OpenBackbone> {
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
  const shape = { ...declared, input: { ...declared.input, name: inputName(features) } };
  return { options, backbone, features, shape, head };
}

function rowDrawer(seed: number): () => number {
  const draw = holdOut({ seed, fraction: HELD_OUT });
  return () => (draw() ? 1 : 0);
}
