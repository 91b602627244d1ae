import type { BackboneSummary, DetectorSummary, OverSeeds } from '../summary/summary.ts';

/** A cell of a table of figures, without the marks of any format. */
export interface FigureCell {
  readonly text: string;
  /** Best of its column, or not to be told from it. */
  readonly strong: boolean;
}

export interface FigureColumn {
  readonly title: string;
  /** What a narrow page can do without: the larger, the sooner it goes. */
  readonly dispensable: number;
}

/** A table of figures, to be written in any format: one row a detector. */
export interface FiguresTable {
  readonly caption: string;
  readonly columns: readonly FigureColumn[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly FigureCell[] }[];
}

/** The figures of a backbone: means over near and far sets, every set, AURC, costs. AUROC in percent, ± the 95 % interval over seeds. */
export function figuresTable(
  { backbone, sets, detectors }: BackboneSummary,
  { metric = 'auroc' }: { readonly metric?: 'auroc' | 'fpr95IdAccepted' } = {},
): FiguresTable {
  const groups = (['near', 'far'] as const).filter(group => sets.some(set => set.group === group));
  const columns: (FigureColumn & { cell: (detector: DetectorSummary) => FigureCell })[] = [
    ...groups.map(group => {
      const value = (one: DetectorSummary) => one.mean[group]![metric];
      const best = bestOf(detectors.map(value), metric);
      return {
        title: group,
        dispensable: 0,
        cell: (one: DetectorSummary) => ({ text: percent(value(one)), strong: value(one).mean === best }),
      };
    }),
    ...sets.map(({ name, group }, i) => {
      const best = bestOf(
        detectors.map(one => one.sets[name]![metric]),
        metric,
      );
      return {
        title: `${name}${group === 'near' ? ' (near)' : ''}`,
        dispensable: 3 + i,
        cell: (one: DetectorSummary) => {
          const figures = one.sets[name]!;
          const strong = metric === 'auroc' ? figures.amongBest : figures[metric].mean === best;
          return { text: percent(figures[metric]), strong };
        },
      };
    }),
    {
      title: 'AURC',
      dispensable: 2,
      cell: ({ aurc }) => ({ text: aurc === null ? '' : percent(aurc), strong: false }),
    },
    { title: 'fit, s', dispensable: 1, cell: one => plain(one.cost?.fitSeconds.toFixed(2)) },
    { title: 'µs/sample', dispensable: 1, cell: one => plain(one.cost?.scoreMicroseconds.toFixed(1)) },
    { title: 'MB', dispensable: 1, cell: one => plain(one.cost?.megabytes.toFixed(2)) },
  ];
  const what = metric === 'auroc' ? 'AUROC' : 'FPR95 (OOD accepted where 95 % of ID is)';
  return {
    caption: `${backbone}: ${what} in percent, mean over seeds ± half of its 95 % interval`,
    columns: columns.map(({ title, dispensable }) => ({ title, dispensable })),
    rows: detectors.map(one => ({ name: one.detector, cells: columns.map(({ cell }) => cell(one)) })),
  };
}

function bestOf(values: readonly OverSeeds[], metric: 'auroc' | 'fpr95IdAccepted'): number {
  const means = values.map(({ mean }) => mean);
  return metric === 'auroc' ? Math.max(...means) : Math.min(...means);
}

function percent({ mean, plusMinus }: OverSeeds): string {
  return `${(mean * 100).toFixed(2)}${plusMinus === null ? '' : ` ± ${(plusMinus * 100).toFixed(2)}`}`;
}

const plain = (text = ''): FigureCell => ({ text, strong: false });
