import { join } from 'node:path';
import { loadDetector } from '@ood/detectors/node';
import { openBackbone } from '@ood/features';
import { nodeRuntime } from '@ood/onnx/node';
import { detectorGraph } from '../src/fit/detector.ts';
import { openHeadLogits, openRowScorer } from '../src/fit/row-scorer.ts';
import type { FeatureRows } from '../src/fit/rows.ts';
import { readFolder } from '../src/folder/read-folder.ts';

/** Scores of feature rows by the detector's graph of a guard, and the guard's threshold. */
export async function openScores(
  folder: string,
  model: string,
  rows: FeatureRows,
): Promise<{ scores: Float32Array; threshold: number }> {
  const {
    manifest: { calibration },
  } = await readFolder(folder);
  const backbone = await openBackbone(model);
  const head = await openHeadLogits(backbone.head, nodeRuntime);
  const detector = await loadDetector(join(folder, 'detector.safetensors'));
  const scorer = await openRowScorer(detector, await detectorGraph(detector), nodeRuntime);
  try {
    return { scores: await scorer.score(await head.complete(rows)), threshold: calibration.threshold };
  } finally {
    for (const opened of [scorer, detector, head, backbone]) await opened.close();
  }
}
