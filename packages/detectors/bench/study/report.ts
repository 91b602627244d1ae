import { markdownTable, mean, median } from '../support/table.ts';
import type { Cell } from './cells.ts';
import {
  EVIDENCE,
  GLOW,
  GLOW_STOPPED,
  KNN,
  LONG,
  MAHALANOBIS,
  OWN_FLOW_LONG,
  PAPER,
  PARTLY_RELATIVE,
  sameSeed,
  WITHOUT_FLOW,
} from './contestants.ts';
import { findings } from './findings.ts';
import { best, type Measures, measuresOf, points, seedMean } from './measures.ts';
import { pairedTable } from './paired.ts';

const DENSITIES = [KNN, MAHALANOBIS, ...PAPER];
const FUSED = 'fde-fused';
const FLOWS = ['fde-flow', OWN_FLOW_LONG];

/** The whole study as Markdown. */
export function studyReport(cells: readonly Cell[]): string {
  const measures = measuresOf(cells);
  return `# The study: ours, the paper's recipe and the baselines

Made by \`pnpm --filter @ood/detectors study\` with \`OOD_BENCH\` set; do not edit. AUROC in percent (OOD positive). Every detector is fitted on all
ID training rows of a benchmark, with labels, logits and head where it takes them (\`${FUSED}\` holds 30 % of them out by itself), and judged on ID test rows against each OOD set. Seeds are those of
training, splits and clusters; what takes none is fitted once. ± is half of the 95 % interval of the mean over seeds, not over samples: 1,000 ID test rows alone add about 0.7. Near and far are means over a benchmark's
sets, then over benchmarks. Empty cells were not measured, and means over benchmarks that lack one are empty too. "s": median processor time of the fit, in seconds, by benchmark.

The paper's recipe is at its own length: 5,125 steps of Adam at 1e-5, batches of 250, on l2-normalized features, whatever the number of rows. With ID-only early
stopping a tenth of the rows is held out, looked at every 100 steps, the best weights are kept, and ten looks without a better one end it.
Ours, \`fde-flow\`, takes 20 epochs, which is ${stepsOf(measures, 'fde-flow')} steps; at "5,125 steps" it takes as many as the paper, unless its own stopping rule ends it before (${stepsOf(measures, OWN_FLOW_LONG)}).

## Seeds that were reached

${seedTable(measures)}

${missing(measures)}

## Densities

${aurocTable(measures, ['fde', WITHOUT_FLOW, 'two-covariance', ...FLOWS, ...DENSITIES, PARTLY_RELATIVE, 'relative-mahalanobis++', 'vim'])}

${againstBest(measures, 'fde', DENSITIES, "the best of KNN, Mahalanobis++ and the paper's flows")}

## Fused, and the head's scores

${aurocTable(measures, [FUSED, 'fde', ...EVIDENCE])}

${againstBest(measures, FUSED, ['fde', ...DENSITIES], 'the best density')}

${againstBest(measures, FUSED, ['fde', ...DENSITIES, ...EVIDENCE], 'the best single detector of all')}

${worstFar(measures, FUSED, ['fde', ...DENSITIES])}

| benchmark | gate g | weight w | organized |
| --- | ---: | ---: | ---: |
${gateRows(measures)}

## Who wins where

Differences in points, and in how many seeds the pair is told apart (paired DeLong tests on the same rows, between all detectors of a row, Holm's correction, 5 %).

${pairedTable(measures, 'fde', [...DENSITIES, 'fde-flow', 'two-covariance'])}

${pairedTable(measures, FUSED, ['fde', KNN, MAHALANOBIS, GLOW, GLOW_STOPPED, 'react', 'scale', 'nnguide', 'she'])}

## Longer training

${changeTable(measures, [
  ['fde, four times the epochs', 'fde', LONG],
  ['fde-flow, 5,125 steps', 'fde-flow', OWN_FLOW_LONG],
  ["the paper's Glow, with early stopping", GLOW, GLOW_STOPPED],
  ['what the flow adds to fde', WITHOUT_FLOW, 'fde'],
])}

${findings}
`;
}

function seedTable(measures: Measures): string {
  const names = ['fde', FUSED, ...FLOWS, LONG, ...PAPER];
  const rows = names.map(name => [
    name,
    ...measures.benchmarks.map(benchmark => String(measures.seeds(name, benchmark))),
  ]);
  return markdownTable(['', ...measures.benchmarks], rows);
}

/** Which of the slow cells are not there: the averages leave their contestants out. */
function missing({ benchmarks, seeds }: Measures): string {
  const absent = benchmarks.flatMap(benchmark =>
    [...FLOWS, ...PAPER].filter(name => seeds(name, benchmark) === 0).map(name => `${name} on ${benchmark}`),
  );
  if (absent.length === 0) return 'Every contestant was measured on every benchmark.';
  return `Not measured yet, and so in no average over benchmarks: ${absent.join('; ')}.`;
}

function aurocTable(measures: Measures, names: readonly string[]): string {
  const { sets, benchmarks, perSeed, overall, cellsOf } = measures;
  const seconds = (name: string) =>
    benchmarks
      .map(benchmark => cellsOf(name, benchmark).map(({ cpu }) => cpu))
      .map(times => (times.length === 0 ? '–' : median(times).toFixed(0)))
      .join(' / ');
  const rows = names.map(name => [
    name.startsWith('fde') ? `**${name}**` : name,
    ...sets.map(set => seedMean(perSeed(name, set))),
    ...(['near', 'far'] as const).map(group => overall(name, group)?.toFixed(2) ?? ''),
    seconds(name),
  ]);
  const head = sets.map(
    ({ benchmark, set, group }) =>
      `${benchmark.split('-')[0]} ${set.replace('ood-', '')}${group === 'near' ? ' (near)' : ''}`,
  );
  return markdownTable(['', ...head, 'near', 'far', 's'], rows);
}

function againstBest(
  { benchmarks, groupMean, overall }: Measures,
  own: string,
  others: readonly string[],
  title: string,
): string {
  const row = (name: string, valueBy: (contestant: string, group: 'near' | 'far') => number | undefined) => [
    name,
    ...(['near', 'far'] as const).flatMap(group => {
      const [mine, found] = [valueBy(own, group), best(others, other => valueBy(other, group))];
      return mine === undefined || !found ? ['', ''] : [points(mine - found.value), found.name];
    }),
  ];
  return markdownTable(
    [`\`${own}\` against ${title}`, 'near', 'best there', 'far', 'best there'],
    [
      ...benchmarks.map(benchmark => row(benchmark, (name, group) => groupMean(name, group, benchmark))),
      row('on average, against the best on average', overall),
    ],
  );
}

function worstFar({ sets, perSeed }: Measures, own: string, others: readonly string[]): string {
  const differences = sets
    .filter(({ group }) => group === 'far')
    .flatMap(set => {
      const of = (name: string) => {
        const values = perSeed(name, set);
        return values.length > 0 ? mean(values) : undefined;
      };
      const [mine, found] = [of(own), best(others, of)];
      return mine === undefined || !found ? [] : [{ set, name: found.name, value: mine - found.value }];
    })
    .sort((a, b) => a.value - b.value);
  const [worst] = differences;
  if (worst === undefined) return '';
  return `Its worst far set against the best density on that very set: ${points(worst.value)} (${worst.set.benchmark} ${worst.set.set.replace('ood-', '')}, ${worst.name}).`;
}

function gateRows({ benchmarks, cellsOf }: Measures): string {
  return benchmarks
    .map(benchmark => {
      const own = cellsOf(FUSED, benchmark);
      const number = (name: string) =>
        own.length > 0 ? mean(own.map(({ fitted }) => fitted[name]!)).toFixed(2) : '';
      return `| ${benchmark} | ${number('gate')} | ${number('evidenceWeight')} | ${number('organized')} |`;
    })
    .join('\n');
}

/** Differences on the seeds that both have. */
function changeTable(
  { sets, cellsOf }: Measures,
  changes: readonly (readonly [title: string, before: string, after: string])[],
): string {
  const rows = changes.map(([title, before, after]) => [
    title,
    ...sets.map(({ benchmark, set }) => {
      const [from, to] = [cellsOf(before, benchmark), cellsOf(after, benchmark)];
      const differences = to.flatMap(cell => {
        const other = sameSeed(from, cell.seed, before);
        return other ? [cell.aurocs.get(set)! - other.aurocs.get(set)!] : [];
      });
      return differences.length > 0 ? points(mean(differences)) : '';
    }),
  ]);
  const head = sets.map(
    ({ benchmark, set, group }) =>
      `${benchmark.split('-')[0]} ${set.replace('ood-', '')}${group === 'near' ? ' (near)' : ''}`,
  );
  return markdownTable(['change', ...head], rows);
}

function stepsOf({ benchmarks, cellsOf }: Measures, name: string): string {
  return benchmarks
    .map(benchmark => cellsOf(name, benchmark).map(({ fitted }) => fitted.steps!))
    .map(steps => (steps.length === 0 ? '–' : String(median(steps))))
    .join(' / ');
}
