import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Backbone,
  type BackboneGraph,
  hashPreprocessing,
  openBackbone,
  parsePreprocessing,
  writeSafetensors,
} from '@ood/features';
import { inferShapes, openModel } from '@ood/onnx';
import { nodeRuntime, writeModel } from '@ood/onnx/node';
import { calibrateDecision, requireEnough } from '../calibration/calibration.ts';
import { scoreModel } from '../engine/score-model.ts';
import { GuardError } from '../errors.ts';
import { type Reference, referenceOf } from '../explain/reference.ts';
import { FILES, FORMAT, type Manifest, VERSION } from '../folder/manifest.ts';
import { requireFree, writeFolder } from '../folder/write-folder.ts';
import { featureGraph, type GraphShape, inputName, scoreGraph } from '../graph/score-graph.ts';
import { parityOf, type Scored, scoreRows, scoreSamples } from './calibrate.ts';
import { checkedBlocks, checkProvenance } from './check-rows.ts';
import { detectorGraph, fitOrTake, requireModelFor } from './detector.ts';
import { gather } from './gather.ts';
import { type CreateGuardOptions, checkOptions } from './options.ts';
import { writeProbes } from './probe-inputs.ts';
import { openHead, openRowScorer } from './row-scorer.ts';
import { blocksOf, isExtracted } from './rows.ts';
import { tryFirst } from './try-first.ts';

/**
 * Makes a guard: finds the backbone's features and head, fits the detector on ID inputs, calibrates the decision on ID
 * inputs that the backbone has not seen, and writes all of it as one folder, whole or not at all.
 *
 * @returns what was made, as `openGuard(folder).describe()` gives it
 * @throws GuardError `INVALID_OPTION`, `FOLDER_EXISTS`, `UNSUPPORTED_MODEL`, `BAD_ROWS`, `TOO_FEW_ROWS`; BackboneError, FeaturesError and
 *   DetectorsError from the steps; the signal's reason when aborted
 */
export async function createGuard(folder: string, options: CreateGuardOptions): Promise<Manifest> {
  checkOptions(options);
  const { runtime = nodeRuntime, signal, overwrite = false, alpha = 0.05 } = options;
  const preprocessing = options.preprocessing && parsePreprocessing(options.preprocessing);
  await requireFree(folder, overwrite);
  signal?.throwIfAborted();
  const closing: (() => Promise<void>)[] = [];
  try {
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    const backbone = await openBackbone(options.model, { ...options.backbone, runtime, ...threads });
    closing.push(() => backbone.close());
    const declared = shapeOf(backbone);
    requireModelFor(options, backbone, declared);
    const head = backbone.head && (await openHead(backbone.head, runtime));
    if (head) closing.push(() => head.close());

    const { train, calibration: rows } = options;
    for (const [option, source] of Object.entries({ train, calibration: rows })) {
      if (source) checkProvenance(source, { option, backbone, preprocessing });
    }
    if (rows && !isExtracted(rows)) await tryFirst(backbone, rows, options);
    if (rows && 'features' in rows) {
      for await (const _ of checkedBlocks(rows, { option: 'calibration', shape: declared }));
    }
    const gathered = train && (await gather(backbone, train, { ...options, head, shape: declared }));
    if (gathered?.held) requireEnough(gathered.held.features.rows, { alpha, source: 'held-out' });
    const detector = await fitOrTake(options, gathered, backbone.head);
    if (typeof options.detector !== 'object') closing.push(() => detector.close());
    signal?.throwIfAborted();

    const graph = await detectorGraph(detector);
    const features = featureGraph(backbone.graph(), declared);
    const shape = { ...declared, input: { ...declared.input, name: inputName(features) } };
    const { reads } = detector.describe();
    const model = graph ? scoreGraph(features, graph, { reads, shape }) : features;
    const session = await openModel(runtime, model, threads);
    closing.push(() => session.close());
    const scorer = await openRowScorer(detector, graph, runtime);
    closing.push(() => scorer.close());
    const whole = scoreModel({ session, shape, withFeatures: true, ...(!graph && { detector }) });

    options.onProgress?.({ stage: 'calibrating' });
    const complete = head ? head.complete : async <T>(value: T) => value;
    let scored: Scored;
    if (rows === undefined) {
      scored = await scoreRows(scorer, [gathered!.held!]);
    } else if (isExtracted(rows)) {
      const blocks = checkedBlocks(rows, { option: 'calibration', shape: declared });
      scored = await scoreRows(scorer, completed(blocks, complete));
    } else {
      scored = await scoreSamples(whole, rows, { ...options, ...(preprocessing && { preprocessing }) });
    }
    const source = rows === undefined ? 'held-out' : 'unseen';
    const calibration = calibrateDecision(scored.scores, { alpha, source });
    const scores = scored.scores.slice().sort();
    const parity = await parityOf(detector, scored, { scores, threshold: calibration.threshold });
    const reference = gathered && (await referenceOf(blocksOf(gathered.fit)));
    signal?.throwIfAborted();

    options.onProgress?.({ stage: 'writing' });
    return await writeFolder(
      folder,
      async temporary => {
        await writeModel(join(temporary, FILES.model), model);
        await writeFile(join(temporary, FILES.detector), detector.encode());
        await writeSafetensors(join(temporary, FILES.calibration), {
          scores: { type: 'float32', dims: [scores.length], data: scores },
        });
        if (reference) await writeReference(join(temporary, FILES.reference), reference);
        const probes = await writeProbes(temporary, whole, { preprocessing, input: shape.input });
        signal?.throwIfAborted();
        const trainingClasses = train && 'classes' in train ? (train.classes as readonly string[]) : null;
        return {
          format: FORMAT,
          version: VERSION,
          madeBy: { runtime: `${runtime.name} ${runtime.version}` },
          backbone: backbone.describe(),
          ...shape,
          classNames: options.classNames ?? sharedNames(trainingClasses, shape, reference),
          preprocessing: preprocessing ?? null,
          preprocessingHash: preprocessing ? hashPreprocessing(preprocessing) : null,
          detector: detector.describe(),
          scoredBy: graph ? 'graph' : 'detector',
          calibration,
          parity,
          probes,
          trainingClasses,
          trainingRows: reference?.rows ?? 0,
          refused: { train: gathered?.refused ?? 0, calibration: scored.refused },
          seed: options.seed ?? 1,
        };
      },
      { overwrite },
    );
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

function shapeOf(backbone: Backbone): GraphShape {
  const { inputs, featureSize, batchSize } = backbone.describe();
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw new GuardError('UNSUPPORTED_MODEL', {
      where: 'model',
      expected: 'one input, of images or vectors',
      got: `${inputs.length} (${inputs.map(({ name }) => name).join(', ')})`,
      advice: 'use openBackbone and a detector of @ood/detectors for models of several inputs',
    });
  }
  const free = typeof input.dims[0] === 'number' ? 'batch' : (input.dims[0] ?? 'batch');
  return {
    input: { ...input, dims: [batchSize ?? free, ...input.dims.slice(1)] },
    featureSize,
    classes: backbone.head?.weights.rows ?? widthOfLogits(backbone.graph()),
  };
}

/** Columns of the logits of a model whose head reads another tensor than the features; `null` where it has none. */
function widthOfLogits({ model, logits }: BackboneGraph): number | null {
  const width = logits === undefined ? undefined : inferShapes(model).tensors.get(logits)?.dims?.[1];
  return typeof width === 'number' ? width : null;
}

async function* completed<T>(
  blocks: AsyncIterable<T> | Iterable<T>,
  complete: (block: T) => Promise<T>,
): AsyncGenerator<T> {
  for await (const block of blocks) yield await complete(block);
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
