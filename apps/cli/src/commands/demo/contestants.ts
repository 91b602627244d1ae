import {
  createEnergy,
  createMsp,
  type Detector,
  fitFlowDensity,
  fitKnn,
  fitMahalanobis,
} from '@ood/detectors';
import type { Contestant, Scorer } from '@ood/eval';
import { encodeFlow } from '@ood/flows';

export interface ContestantOptions {
  readonly seed: number;
  readonly threads?: number | undefined;
  readonly now: () => number;
  readonly onFitProgress: (detail: string) => void;
  /** Receives the fitted flow as the bytes of its file. */
  readonly onFlow: (flow: Uint8Array) => void;
}

/** The detectors of the demo: the flow first, then the baselines that it has to beat. */
export function demoContestants({
  seed,
  threads,
  now,
  onFitProgress,
  onFlow,
}: ContestantOptions): Contestant[] {
  return [
    {
      name: 'FDE',
      description:
        'flow density on normalized features, preset fde (ours, after Cook, Lavoie and Waslander, 2024)',
      fit: async (training, { signal }) => {
        const detector = await fitFlowDensity(training, {
          seed,
          threads,
          signal,
          now,
          onProgress: ({ epoch, totalEpochs, samplesPerSecond }) =>
            onFitProgress(
              `epoch ${epoch} of at most ${totalEpochs}${samplesPerSecond === null ? '' : `, ${Math.round(samplesPerSecond)} samples/s`}`,
            ),
        });
        onFlow(encodeFlow(detector.flow));
        return detector;
      },
    },
    contestant('MSP', () => createMsp()),
    contestant('Energy', () => createEnergy()),
    contestant('KNN', training => fitKnn(training)),
    // The demo's backbone has a head.
    contestant('Mahalanobis++', training =>
      fitMahalanobis({ ...training, logits: training.logits! }, { normalize: true }),
    ),
  ];
}

function contestant(
  name: string,
  fit: (training: Parameters<Contestant['fit']>[0]) => Detector | Promise<Detector>,
): Contestant {
  let description = name;
  return {
    name,
    get description() {
      return description;
    },
    fit: async (training): Promise<Scorer> => {
      const detector = await fit(training);
      description = detector.describe().paper;
      return detector;
    },
  };
}
