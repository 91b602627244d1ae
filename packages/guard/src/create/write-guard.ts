import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Detector } from '@ood/detectors';
import { type FeatureModel, hashPreprocessing, type Preprocessing, writeSafetensors } from '@ood/features';
import type { ModelProto } from '@ood/onnx';
import { writeModel } from '@ood/onnx/node';
import type { Reference } from '../explain/reference.ts';
import { FILES, FORMAT, type Manifest, VERSION } from '../folder/manifest.ts';
import { writeFolder } from '../folder/write-folder.ts';
import type { GraphShape } from '../graph/score-graph.ts';
import { writeProbes } from '../probes/stored-probes.ts';
import type { CreateGuardOptions } from './options.ts';

/** All that a guard's folder holds, before it is written. */
export interface GuardParts
  extends Pick<
    Manifest,
    'backbone' | 'madeBy' | 'scoredBy' | 'calibration' | 'parity' | 'refused' | 'preprocessing'
  > {
  readonly shape: GraphShape;
  readonly detector: Detector;
  /** The graph that is deployed, and the same as a model for extraction, with features. */
  readonly model: ModelProto;
  readonly scorer: FeatureModel;
  /** Calibration scores, ascending. */
  readonly scores: Float32Array;
  /** Absent for a detector that was handed in without training rows. */
  readonly reference?: Reference | undefined;
}

/** Writes a guard's folder, whole or not at all. */
export function writeGuard(
  folder: string,
  parts: GuardParts,
  { train, classNames, overwrite, seed = 1, signal }: CreateGuardOptions,
): Promise<Manifest> {
  const { shape, detector, model, scorer, scores, reference, preprocessing, ...described } = parts;
  const trainingClasses = train && 'classes' in train ? (train.classes as readonly string[]) : null;
  const write = async (temporary: string): Promise<Omit<Manifest, 'files'>> => {
    await writeModel(join(temporary, FILES.model), model);
    await writeFile(join(temporary, FILES.detector), detector.encode());
    await writeSafetensors(join(temporary, FILES.calibration), {
      scores: { type: 'float32', dims: [scores.length], data: scores },
    });
    if (reference) await writeReference(join(temporary, FILES.reference), reference);
    const images: Preprocessing | undefined = preprocessing ?? undefined;
    const probes = await writeProbes(temporary, scorer, { preprocessing: images, input: shape.input });
    signal?.throwIfAborted();
    return {
      format: FORMAT,
      version: VERSION,
      ...described,
      ...shape,
      classNames: classNames ?? sharedNames(trainingClasses, shape, reference),
      preprocessing,
      preprocessingHash: preprocessing && hashPreprocessing(preprocessing),
      detector: detector.describe(),
      probes,
      trainingClasses,
      trainingRows: reference?.rows ?? 0,
      seed,
    };
  };
  return writeFolder(folder, write, { overwrite });
}

/** Names of the training classes, if the logits' columns are evidently in their order. */
function sharedNames(
  names: readonly string[] | null,
  { classes }: GraphShape,
  reference: Reference | undefined,
): readonly string[] | null {
  return names && names.length === classes && reference && reference.agreement > 0.5 ? names : null;
}

function writeReference(path: string, { mean, deviation, classes, classMeans }: Reference): Promise<void> {
  const dims = [mean.length];
  return writeSafetensors(path, {
    mean: { type: 'float32', dims, data: mean },
    deviation: { type: 'float32', dims, data: deviation },
    classes: { type: 'int32', dims: [classes.length], data: classes },
    classMeans: { type: 'float32', dims: [classMeans.rows, classMeans.cols], data: classMeans.data },
  });
}
