import { BenchmarkError } from '../errors.ts';
import type { Summary } from '../summary/summary.ts';

/** One figure of two runs. */
export interface FigureDifference {
  readonly backbone: string;
  readonly detector: string;
  /** An OOD set, or `mean near`, `mean far`. */
  readonly set: string;
  readonly metric: 'auroc' | 'fpr95IdAccepted';
  readonly before: number;
  readonly after: number;
  /** Beyond the tolerance, in the wrong direction. */
  readonly worse: boolean;
}

export interface RunComparison {
  readonly differences: readonly FigureDifference[];
  /** What one run has and the other has not: `backbone, detector, set`. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Whether both are of the same task. */
  readonly sameTask: boolean;
}

export interface CompareRunsOptions {
  /** Largest loss that is none, as a share of one: 0.005 is half a point of AUROC. Default: 0.005. */
  readonly tolerance?: number;
}

/**
 * Compares two runs figure by figure: AUROC and FPR95 of every detector on every set that both have, and the means.
 *
 * @throws BenchmarkError `NOT_A_BENCHMARK` where they have no figure in common
 */
export function compareRuns(
  before: Summary,
  after: Summary,
  { tolerance = 0.005 }: CompareRunsOptions = {},
): RunComparison {
  const [left, right] = [figuresOf(before), figuresOf(after)];
  const differences: FigureDifference[] = [];
  for (const [key, figure] of left) {
    const other = right.get(key);
    if (other === undefined) continue;
    const loss = figure.metric === 'auroc' ? figure.value - other.value : other.value - figure.value;
    const { value, ...name } = figure;
    differences.push({ ...name, before: value, after: other.value, worse: loss > tolerance });
  }
  if (differences.length === 0)
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: 'compareRuns',
      expected: 'two runs with a backbone, a detector and a set in common',
      got: `${describe(before)} and ${describe(after)}`,
      advice: 'compare runs of one task',
    });
  const missing = (a: Map<string, Figure>, b: Map<string, Figure>) => [
    ...new Set([...a.values()].filter(({ key }) => !b.has(key)).map(({ where }) => where)),
  ];
  return {
    differences,
    onlyBefore: missing(left, right),
    onlyAfter: missing(right, left),
    sameTask: before.task.hash === after.task.hash,
  };
}

interface Figure {
  readonly key: string;
  readonly where: string;
  readonly backbone: string;
  readonly detector: string;
  readonly set: string;
  readonly metric: FigureDifference['metric'];
  readonly value: number;
}

function figuresOf({ backbones }: Summary): Map<string, Figure> {
  const all = backbones.flatMap(({ backbone, detectors }) =>
    detectors.flatMap(({ detector, sets, mean }) =>
      [
        ...Object.entries(sets),
        ...Object.entries(mean).map(([group, means]) => [`mean ${group}`, means!] as const),
      ].flatMap(([set, figures]) =>
        (['auroc', 'fpr95IdAccepted'] as const).map(metric => {
          const where = `${backbone}, ${detector}, ${set}`;
          return {
            key: `${where}, ${metric}`,
            where,
            backbone,
            detector,
            set,
            metric,
            value: figures[metric].mean,
          };
        }),
      ),
    ),
  );
  return new Map(all.map(figure => [figure.key, figure]));
}

function describe({ task, backbones }: Summary): string {
  return `${task.name} (${backbones.map(({ backbone }) => backbone).join(', ') || 'no backbone'})`;
}
