import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfAborted } from '@ood/core';
import { type BackboneDescription, hashPreprocessing, summarizePreprocessing } from '@ood/features';
import { writeModel } from '@ood/onnx/node';
import type { Reference } from '../engine/reference.ts';
import { writeProbes } from '../engine/stored-probes.ts';
import { FILES, FORMAT, inputEntries, type Manifest, versionOf } from '../folder/manifest.ts';
import { writePreprocessingFiles } from '../folder/preprocessing-files.ts';
import { writeTensors } from '../folder/tensors.ts';
import { writeGuardFolder } from '../folder/whole-folder.ts';
import type { Calibrated } from './calibrate.ts';
import { classNamesOf, trainingClasses } from './class-names.ts';

/** Writes a guard's folder, whole or not at all. */
export async function write(folder: string, calibrated: Calibrated): Promise<Manifest> {
  const { options, shape, backbone, detector, model, scores, reference, decision } = calibrated;
  const { overwrite, sign, signal, seed, train, runtime, threads = null, origin } = options;
  options.report({ stage: 'writing', done: 0 });
  const { inputs, featureSize, classes } = shape;
  const preprocessing = options.preprocessing ?? null;
  const { names, warnings } = await classNamesOf(options, shape, reference);
  const manifest: Omit<Manifest, 'files'> = {
    format: FORMAT,
    version: versionOf({ preprocessing, inputs }),
    madeBy: { runtime: `${runtime.name} ${runtime.version}`, threads },
    backbone: withoutFolder(backbone.describe()),
    ...inputEntries(inputs),
    featureSize,
    classes,
    classNames: names,
    ...(origin && { origin }),
    ...(options.columns && { columns: options.columns }),
    preprocessing: preprocessing && summarizePreprocessing(preprocessing),
    preprocessingHash: preprocessing && hashPreprocessing(preprocessing),
    detector: detector.describe(),
    scoredBy: calibrated.scoredBy,
    calibration: decision,
    power: calibrated.power,
    warnings: [...calibrated.warnings, ...warnings],
    parity: calibrated.parity,
    trainingClasses: trainingClasses(train),
    trainingRows: reference?.rows ?? 0,
    refused: { train: calibrated.train?.refused ?? 0, calibration: unseenRefused(calibrated) },
    seed,
  };
  const fill = async (temporary: string) => {
    await writeModel(join(temporary, FILES.model), model);
    await writeFile(join(temporary, FILES.detector), detector.encode());
    await writeTensors(temporary, FILES.calibration, { scores: { shape: [scores.length], data: scores } });
    if (reference) await writeReference(temporary, reference);
    if (preprocessing) await writePreprocessingFiles(temporary, preprocessing);
    await writeProbes(temporary, calibrated.scorer, {
      manifest,
      preprocessing: options.preprocessing,
      scores,
    });
    throwIfAborted('fitGuard', signal);
    return manifest;
  };
  return writeGuardFolder(folder, fill, { overwrite, sign });
}

const unseenRefused = ({ calibration }: Calibrated) =>
  calibration.source === 'unseen' ? calibration.refused : 0;

/** What is known of the backbone, its model by its name alone: where it lay is nobody's business. */
function withoutFolder(description: BackboneDescription): BackboneDescription {
  const { model } = description;
  return { ...description, model: { ...model, source: basename(model.source.replaceAll('\\', '/')) } };
}

function writeReference(folder: string, { mean, deviation, classes, classMeans }: Reference): Promise<void> {
  return writeTensors(folder, FILES.reference, {
    mean: { shape: [mean.length], data: mean },
    deviation: { shape: [mean.length], data: deviation },
    classes: { shape: [classes.length], data: classes },
    classMeans: { shape: [classMeans.rows, classMeans.cols], data: classMeans.data },
  });
}
