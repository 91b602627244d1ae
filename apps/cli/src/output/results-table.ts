import type { DetectorResult, Results, SetResult } from '@ood/eval';
import { formatTable } from '@ood/terminal';

/** The results as a text table: one row per OOD set and one per group mean, AUROC and FPR95 of each detector across. */
export function resultsTable(results: Results): string {
  const { detectors } = results;
  const columns = [
    { title: 'OOD set', align: 'left' as const },
    ...detectors.flatMap(({ detector }) => [{ title: detector }, { title: 'FPR95' }]),
  ];
  const rows = (['near', 'far'] as const).flatMap(group => {
    const sets = (detectors[0]?.sets ?? []).filter(set => set.group === group);
    if (sets.length === 0) return [];
    return [
      ...sets.map(({ set }) => [set, ...detectors.flatMap(detector => setCells(detector, set))]),
      [
        `mean ${group}`,
        ...detectors.flatMap(({ mean }) => [
          percent(mean[group]!.auroc),
          percent(mean[group]!.fpr95IdAccepted),
        ]),
      ],
      'rule' as const,
    ];
  });
  const costs = [
    ['fit, s', ...detectors.flatMap(({ fitSeconds }) => [fitSeconds?.toFixed(2) ?? '', ''])],
    [
      'score, µs/sample',
      ...detectors.flatMap(({ scoreMicroseconds }) => [scoreMicroseconds?.toFixed(1) ?? '', '']),
    ],
  ];
  return formatTable(columns, [...rows, ...costs]);
}

function setCells({ sets }: DetectorResult, name: string): string[] {
  const { auroc, fpr95IdAccepted } = sets.find(({ set }) => set === name) as SetResult;
  const half = (auroc.high - auroc.low) / 2;
  return [`${percent(auroc.value)} ±${percent(half)}`, percent(fpr95IdAccepted.value)];
}

function percent(fraction: number): string {
  return (fraction * 100).toFixed(1);
}
