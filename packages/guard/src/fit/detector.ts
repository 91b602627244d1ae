import { isOodError } from '@ood/core';
import { type Detector, describeMethod, fitDetector } from '@ood/detectors';
import type { Backbone, Head } from '@ood/features';
import { GuardError } from '../errors.ts';
import { OUTPUTS } from '../graph/output-names.ts';
import { type GraphShape, OPSET } from '../graph/score-graph.ts';
import { type CheckedOptions, invalid } from './options.ts';
import type { FeatureRows, FeatureStream } from './rows.ts';

/** The method that a guard uses where none is named. */
export function defaultDetector(head: Head | undefined): string {
  // A single logit leaves no doubt to fuse.
  return head !== undefined && head.weights.rows > 1 ? 'fde-fused' : 'fde';
}

/** @throws GuardError `UNSUPPORTED` before any work, where the model lacks what the method needs */
export function requireModelFor(
  { detector }: CheckedOptions,
  { head, describe }: Pick<Backbone, 'head' | 'describe'>,
  { classes }: GraphShape,
): void {
  if (detector === undefined) return;
  const { name, needs, reads } =
    typeof detector === 'string' ? describeMethod(detector) : detector.describe();
  const lacks =
    typeof detector === 'string' && needs.includes('head') && head === undefined
      ? 'a classification head, which'
      : (reads.includes('logits') || needs.includes('logits')) && classes === null
        ? 'logits, which'
        : undefined;
  if (lacks === undefined) return;
  const { head: found } = describe();
  throw new GuardError('UNSUPPORTED', {
    where: 'model',
    expected: `${lacks} ${name} reads`,
    got: 'missing' in found && found.missing !== 'not looked for' ? found.missing : 'none',
    advice: 'take a detector of features alone, e.g. fde or mahalanobis++, or give a model with a head',
    details: { detector: name },
  });
}

/** The detector handed in, or one fitted on the training rows. */
export async function fitOrTake(
  options: CheckedOptions,
  train: FeatureRows | FeatureStream | undefined,
  head: Head | undefined,
): Promise<Detector> {
  const {
    detector = defaultDetector(head),
    detectorOptions,
    seed,
    runtime,
    threads,
    signal,
    report,
  } = options;
  if (typeof detector !== 'string') return detector;
  if (train === undefined) throw invalid('train', 'ID inputs to fit the detector on', 'none');
  const { defaults } = describeMethod(detector);
  report({ stage: 'fitting', done: 0 });
  return fitDetector(detector, train, {
    ...(Object.hasOwn(defaults, 'seed') && { seed }),
    ...detectorOptions,
    head,
    runtime,
    threads,
    signal,
    onProgress: ({ stage: part, done }) => report({ stage: 'fitting', part, done }),
  });
}

/** The detector as a float32 graph; `undefined` where it has none (a search over a large bank). */
export async function detectorGraph(detector: Detector): Promise<Uint8Array | undefined> {
  const { features, logits, score } = OUTPUTS;
  return detector.toOnnx({ features, logits, score, opset: OPSET }).catch((error: unknown) => {
    if (isOodError(error, 'NOT_EXPORTABLE')) return undefined;
    throw error;
  });
}
