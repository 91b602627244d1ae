import type { Benchmark, DetectorScores, FeatureSet } from '../benchmark.ts';
import { BenchmarkError } from '../errors.ts';
import type { DetectorResult, Results, SetResult } from '../results.ts';
import { describeSharedRows } from '../shared-rows.ts';
import { detectionTable } from './detection-table.ts';
import { scoreHistogram } from './histogram.ts';
import { histogramChart } from './histogram-chart.ts';
import { escapeHtml, percent } from './html.ts';
import { imageStrip } from './image-strip.ts';
import { page } from './page.ts';
import { seriesColor } from './palette.ts';
import { plottedRoc } from './plotted-roc.ts';
import { rocChart } from './roc-chart.ts';

const STRIP_IMAGES = 16;

/** What a report shows: the numbers, the scores behind them, and, where sets can draw their samples, pictures. */
export interface ReportInput {
  readonly results: Results;
  /** Scores by detector name. */
  readonly scores: Readonly<Record<string, DetectorScores>>;
  readonly benchmark: Benchmark;
}

/**
 * The report as one self-contained HTML page. The first detector of the results is the one in focus.
 *
 * @throws BenchmarkError `EMPTY_INPUT` for results without a detector
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { results } = input;
  const [focus] = results.detectors;
  if (focus === undefined)
    throw new BenchmarkError('EMPTY_INPUT', {
      where: 'report',
      expected: 'results of at least one detector',
      got: 'none',
      advice: 'see the failures of the run',
    });
  const sets = await Promise.all(focus.sets.map(set => setCard(set, focus.detector, input)));
  const buttons = results.detectors.map(
    ({ detector }) =>
      `<button type="button" value="${escapeHtml(detector)}">${escapeHtml(detector)}</button>`,
  );
  return page(
    `Out-of-distribution detection on ${results.benchmark.name}`,
    `${heading(results, focus)}
<h2>Detection</h2>
<p class="soft">AUROC in percent with its 95 % interval (DeLong), and below it FPR95, the percentage of OOD accepted where 95 % of ID is accepted. Higher AUROC and lower FPR95 are better; the best AUROC of a column is marked, one below 50 is red.</p>
${detectionTable(results)}
${warnings(results.failures.map(({ detector, reason }) => `${detector} has no result: ${reason}`))}
<h2>Scores and ROC curves</h2>
<div class="legend"><span><i style="background:var(--id)"></i>in-distribution</span><span><i style="background:var(--ood)"></i>out-of-distribution</span><span>- - - threshold that accepts 95 % of ID</span></div>
<nav aria-label="detector">${buttons.join('')}</nav>
<div class="sets">${sets.join('\n')}</div>
<h2>How this was made</h2>${provenance(results)}`,
  );
}

function heading({ benchmark, idAccuracy }: Results, focus: DetectorResult): string {
  const facts: readonly (readonly [value: string, label: string])[] = [
    ...(['near', 'far'] as const).flatMap(group => {
      const mean = focus.mean[group];
      return mean ? [[percent(mean.auroc), `${focus.detector}, mean AUROC ${group}-OOD`] as const] : [];
    }),
    ...(idAccuracy ? [[`${percent(idAccuracy.value)} %`, 'classifier accuracy on ID test'] as const] : []),
    [benchmark.idTrainRows.toLocaleString('en'), 'ID training rows'],
    [benchmark.idTestRows.toLocaleString('en'), 'ID test rows'],
    [String(benchmark.featureDim), 'feature dimensions'],
  ];
  return `<h1>Out-of-distribution detection on ${escapeHtml(benchmark.name)}</h1>
<p class="soft">Every detector is fitted on ID training rows only; no OOD row is used for fitting or choosing anything. A score is higher for more out-of-distribution.</p>
<ul class="facts">${facts.map(([value, label]) => `<li><b>${value}</b>${escapeHtml(label)}</li>`).join('')}</ul>`;
}

async function setCard(
  set: SetResult,
  focus: string,
  { results, scores, benchmark }: ReportInput,
): Promise<string> {
  const scoresOf = (detector: string) => {
    const { idTest, ood } = scores[detector]!;
    return { id: idTest, ood: ood[set.set]! };
  };
  const histograms = results.detectors.map(({ detector, thresholdIdAccepted }) => {
    const { id, ood } = scoresOf(detector);
    const chart = histogramChart(
      scoreHistogram(id, ood),
      thresholdIdAccepted,
      `${detector} scores of ID test and ${set.set}`,
    );
    const result = results.detectors
      .find(entry => entry.detector === detector)!
      .sets.find(entry => entry.set === set.set)!;
    return `<div data-shows="${escapeHtml(detector)}">${chart}<small>${escapeHtml(detector)}: AUROC ${percent(result.auroc.value)}</small>${warnings(result.warnings)}</div>`;
  });
  const curves = results.detectors.map(({ detector }, index) => {
    const { id, ood } = scoresOf(detector);
    return { detector, color: seriesColor(index), ...plottedRoc(id, ood) };
  });
  const source = benchmark.ood.find(({ name }) => name === set.set);
  const pictures = source === undefined ? '' : await imageRows(source, scoresOf(focus).ood, focus);
  return `<section class="set"><header><h3>${escapeHtml(set.set)}</h3><small>${set.group}-OOD, ${set.rows.toLocaleString('en')} ${set.rows === 1 ? 'sample' : 'samples'}</small></header>
<div class="charts"><div>${histograms.join('')}</div>${rocChart(curves, `ROC curves on ${set.set}`)}</div>${pictures}</section>`;
}

function warnings(sentences: readonly string[]): string {
  return sentences.map(sentence => `<p class="warning">${escapeHtml(sentence)}</p>`).join('');
}

async function imageRows(
  { image, name }: FeatureSet,
  scores: Float64Array,
  detector: string,
): Promise<string> {
  if (image === undefined) return '';
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const count = Math.min(STRIP_IMAGES, order.length);
  const spaced = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * order.length) / count));
  const rows: readonly [string, readonly number[]][] = [
    ['a sample, by rising score', spaced.map(rank => order[rank]!)],
    [`most in-distribution by ${detector}`, order.slice(0, count)],
  ];
  const figures = await Promise.all(
    rows.map(async ([caption, chosen]) => {
      const source = await imageStrip(chosen.map(row => image(row)));
      return `<figure><img src="${source}" alt="${escapeHtml(`${name}: ${caption}`)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
    }),
  );
  return figures.join('');
}

function provenance({ provenance: facts, detectors, schemaVersion, sharedRows }: Results): string {
  const entries = Object.entries(facts).map(([name, value]) => [name, String(value)] as const);
  const described = detectors.map(({ detector, description }) => [detector, description] as const);
  const overlap =
    sharedRows.length === 0 ? 'no row of equal features' : sharedRows.map(describeSharedRows).join('; ');
  return `<dl>${[
    ...described,
    ['shared between sets', overlap] as const,
    ...entries,
    ['schema version', String(schemaVersion)] as const,
  ]
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('')}</dl>`;
}
