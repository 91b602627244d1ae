import { type Backbone, openBackbone, parsePreprocessing } from '@ood/features';
import { openModel } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { calibrateDecision, requireEnough } from '../calibration/calibration.ts';
import { scoreModel } from '../engine/score-model.ts';
import { referenceOf } from '../explain/reference.ts';
import type { Manifest } from '../folder/manifest.ts';
import { requireFree } from '../folder/write-folder.ts';
import { featureGraph, type GraphShape, inputName, scoreGraph } from '../graph/score-graph.ts';
import { shapeOf } from './backbone-shape.ts';
import { type CalibrationScores, parityOf, scoreRows, scoreSamples } from './calibrate.ts';
import { checkedBlocks, checkProvenance } from './check-rows.ts';
import { detectorGraph, fitOrTake, requireModelFor } from './detector.ts';
import { gather } from './gather.ts';
import { type CreateGuardOptions, checkOptions } from './options.ts';
import { openHead, openRowScorer } from './row-scorer.ts';
import { blocksOf, isExtracted } from './rows.ts';
import { tryFirst } from './try-first.ts';
import { writeGuard } from './write-guard.ts';

/**
 * Makes a guard: finds the backbone's features and head, fits the detector on ID inputs, calibrates the decision on ID
 * inputs that the backbone has not seen, and writes all of it as one folder, whole or not at all.
 *
 * @returns what was made, as `openGuard(folder).describe()` gives it
 * @throws GuardError `INVALID_OPTION`, `FOLDER_EXISTS`, `UNSUPPORTED_MODEL`, `BAD_ROWS`, `TOO_FEW_ROWS`; FeaturesError and
 *   DetectorsError from the steps; the signal's reason when aborted
 */
export async function createGuard(folder: string, given: CreateGuardOptions): Promise<Manifest> {
  checkOptions(given);
  const preprocessing = given.preprocessing && parsePreprocessing(given.preprocessing);
  const options = { ...given, preprocessing };
  const { runtime = nodeRuntime, threads, signal, onProgress, train, calibration: rows } = options;
  const { overwrite = false, alpha = 0.05 } = options;
  await requireFree(folder, overwrite);
  signal?.throwIfAborted();
  const closing: (() => Promise<void>)[] = [];
  try {
    const backbone = await openBackbone(options.model, { ...options.backbone, runtime, threads });
    closing.push(() => backbone.close());
    const declared = shapeOf(backbone);
    requireModelFor(options, backbone, declared);
    const head = backbone.head && (await openHead(backbone.head, runtime));
    if (head) closing.push(() => head.close());

    await checkExtracted(options, backbone, declared);
    if (rows && !isExtracted(rows)) await tryFirst(backbone, rows, options);
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
    const session = await openModel(runtime, model, { threads });
    closing.push(() => session.close());
    const rowScorer = await openRowScorer(detector, graph, runtime);
    closing.push(() => rowScorer.close());
    const scorer = scoreModel({ session, shape, withFeatures: true, ...(!graph && { detector }) });

    onProgress?.({ stage: 'calibrating' });
    let scored: CalibrationScores;
    if (rows === undefined) {
      scored = await scoreRows(rowScorer, [gathered!.held!]);
    } else if (isExtracted(rows)) {
      const blocks = checkedBlocks(rows, { option: 'calibration', shape: declared });
      scored = await scoreRows(rowScorer, head ? completed(blocks, head.complete) : blocks);
    } else {
      scored = await scoreSamples(scorer, rows, options);
    }
    const source = rows === undefined ? 'held-out' : 'unseen';
    const calibration = calibrateDecision(scored.scores, { alpha, source });
    const scores = scored.scores.slice().sort();
    const parity = await parityOf(detector, scored, { scores, threshold: calibration.threshold });
    const reference = gathered && (await referenceOf(blocksOf(gathered.fit)));
    signal?.throwIfAborted();

    onProgress?.({ stage: 'writing' });
    const parts = {
      madeBy: { runtime: `${runtime.name} ${runtime.version}` },
      backbone: backbone.describe(),
      shape,
      preprocessing: preprocessing ?? null,
      detector,
      scoredBy: graph ? ('graph' as const) : ('detector' as const),
      model,
      scorer,
      scores,
      calibration,
      parity,
      reference,
      refused: { train: gathered?.refused ?? 0, calibration: scored.refused },
    };
    return await writeGuard(folder, parts, options);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Refuses rows that something else made, and calibration rows before the long work of fitting. */
async function checkExtracted(
  { train, calibration, preprocessing }: CreateGuardOptions,
  backbone: Backbone,
  shape: GraphShape,
): Promise<void> {
  for (const [option, source] of Object.entries({ train, calibration })) {
    if (source) checkProvenance(source, { option, backbone, preprocessing });
  }
  if (calibration && 'features' in calibration) {
    for await (const _ of checkedBlocks(calibration, { option: 'calibration', shape }));
  }
}

async function* completed<T>(
  blocks: AsyncIterable<T> | Iterable<T>,
  complete: (block: T) => Promise<T>,
): AsyncGenerator<T> {
  for await (const block of blocks) yield await complete(block);
}
