import { headEvidenceOf } from '@ood/detectors';
import type { FixedInputs } from '@ood/features';
import type { Manifest } from '@ood/guard';
import { counted, type Fact, formatFacts } from '@ood/terminal';

import { VECTORS } from '../guard/vectors.ts';

/** What a guard is and guarantees, as text for people. */
export function formatGuard(folder: string, guard: Manifest, digest: string): string {
  const { detector, calibration, backbone, parity, preprocessingHash, trainingRows, refused, classes } =
    guard;
  const head = classes === null ? 'no head' : counted(classes, 'class', 'classes');
  const parts = backbone.layers ?? [{ tensor: backbone.layer }];
  const tensors = parts.map(({ tensor }) => JSON.stringify(tensor)).join(', ');
  const evidence = headEvidenceOf(detector);
  const facts: readonly Fact[] = [
    ['guard', folder],
    ['digest', digest],
    isIdentity(guard)
      ? ['vectors', `${counted(guard.featureSize, 'number', 'numbers')} a row, judged as they are`]
      : ['backbone', `${guard.featureSize} features from ${tensors}, ${head}`],
    ...(backbone.fixedInputs === undefined ? [] : [['fixed', fixed(backbone.fixedInputs)] as const]),
    [
      'preprocessing',
      preprocessingHash === null ? 'none: vectors' : `locked, SHA-256 ${preprocessingHash.slice(0, 16)}…`,
    ],
    ['detector', `${detector.title}, fitted on ${trainingRows} rows`],
    ...(evidence === undefined ? [] : [['logits', evidence.message] as const]),
    ['threshold', `score > ${calibration.threshold}, from ${calibration.count} calibration rows`],
    ...(refused.train + refused.calibration === 0
      ? []
      : [
          [
            'refused',
            `${refused.train} inputs to fit on and ${refused.calibration} to calibrate on`,
          ] as const,
        ]),
    ['guarantee', calibration.guarantee],
    ...guard.warnings.map(({ message }) => ['warning', message] as const),
    ...(parity === null
      ? []
      : [
          [
            'parity',
            `float32 graph and float64 detector differ by ${parity.score.inDeviations.toExponential(1)} standard deviations of the score at most; ${flips(parity)}`,
          ] as const,
        ]),
  ];
  return `${formatFacts(facts)}\n`;
}

/** Whether a guard is of vectors themselves: `vectorModel` is behind it. */
function isIdentity({ backbone, preprocessingHash, input, featureSize }: Manifest): boolean {
  const own = backbone.layer === VECTORS.output && input.name === VECTORS.input;
  return own && preprocessingHash === null && input.dims.length === 2 && input.dims[1] === featureSize;
}

/** How many rows lie so near the threshold that rounding decides. */
function flips({ decisions, rows }: NonNullable<Manifest['parity']>): string {
  const tried = counted(rows, 'row', 'rows');
  return decisions === 0
    ? `all ${tried} tried are decided alike`
    : `of ${tried} tried, ${decisions} so near the threshold that the rounding decides`;
}

function fixed(inputs: FixedInputs): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : value.join(', ')}`)
    .join('; ');
}
