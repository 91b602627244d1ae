import { conformalThreshold, type Calibration as Sorted } from '@ood/metrics';
import { corrupt } from '../folder/folder-errors.ts';
import { FILES, type Manifest } from '../folder/manifest.ts';
import { readTensors } from '../folder/tensors.ts';

/**
 * The calibration scores of a guard, ascending.
 *
 * @throws GuardError `CORRUPT_FILE` unless threshold and count in `guard.json` follow from them
 */
export async function readCalibration(
  folder: string,
  { calibration: { alpha, threshold, count } }: Manifest,
): Promise<{ readonly scores: Float32Array; readonly calibration: Sorted }> {
  const wanted = { scores: { type: 'float32', shape: [count] } } as const;
  const scores = (await readTensors(folder, FILES.calibration, wanted)).scores.data;
  let previous = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (!(score >= previous && score < Number.POSITIVE_INFINITY))
      throw corrupt(
        folder,
        `finite scores in ascending order in ${FILES.calibration}`,
        `${score} after ${previous}`,
      );
    previous = score;
  }
  const calibration = { sorted: Float64Array.from(scores) };
  const { threshold: follows } = conformalThreshold(calibration, { alpha });
  if (follows === threshold) return { scores, calibration };
  throw corrupt(
    folder,
    `the threshold ${follows}, which follows from alpha = ${alpha} and the calibration scores`,
    `${threshold} in guard.json`,
    'restore guard.json, or calibrate anew: a threshold set by hand guarantees nothing',
  );
}
