import { printable } from '@ood/core';
import { BenchmarkError } from '../errors.ts';
import type { DetectorResult, Results } from '../results.ts';
import { describeSharedRows } from '../shared-rows.ts';
import { makeData } from './data/make-data.ts';
import { detectionTable } from './detection-table.ts';
import { clientScript, clientStyle } from './generated/client.ts';
import { geometryTable } from './geometry-table.ts';
import { escapeHtml } from './html.ts';
import { page } from './page.ts';
import { percent } from './percent.ts';
import type { ReportInput } from './report-input.ts';
import * as sections from './sections.ts';

/**
 * The report as one self-contained HTML page, to explore and to print. The first detector of the results is the one in focus at first.
 *
 * @throws BenchmarkError `EMPTY_INPUT` for results without a detector
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { results, benchmark, map = 'pca' } = input;
  const [focus] = results.detectors;
  if (focus === undefined)
    throw new BenchmarkError('EMPTY_INPUT', {
      where: 'report',
      expected: 'results of at least one detector',
      got: 'none',
      advice: 'see the failures of the run',
    });
  const title = input.title ?? `Out-of-distribution detection on ${results.benchmark.name}`;
  const data = await makeData(input, { map, seed: 1 });
  const body = [
    heading(title, input.notes, results, focus),
    sections.detection(detectionTable(results, data)),
    failures(results),
    sections.explore(data),
    ...(data.map ? [sections.map(data.map)] : []),
    sections.extremes(data),
    sections.geometry(await geometryTable(benchmark)),
    provenance(results),
  ];
  const parts = { title, data, script: clientScript, style: clientStyle };
  return page({ ...parts, body: `<main>${body.join('\n')}</main>` });
}

function heading(
  title: string,
  notes: string | undefined,
  { benchmark, idAccuracy }: Results,
  focus: DetectorResult,
): string {
  const facts: readonly (readonly [value: string, label: string])[] = [
    ...(['near', 'far'] as const).flatMap(group => {
      const mean = focus.mean[group];
      return mean
        ? [[percent(mean.auroc), `${printable(focus.detector)}, mean AUROC ${group}-OOD`] as const]
        : [];
    }),
    ...(idAccuracy ? [[`${percent(idAccuracy.value)} %`, 'classifier accuracy on ID test'] as const] : []),
    [benchmark.idTrainRows.toLocaleString('en'), 'ID training rows'],
    [benchmark.idTestRows.toLocaleString('en'), 'ID test rows'],
    [String(benchmark.featureDim), 'feature dimensions'],
    ...(benchmark.classes === null ? [] : [[String(benchmark.classes), 'classes'] as const]),
  ];
  const paragraphs = (notes ?? '').split(/\n\s*\n/).filter(text => text.trim() !== '');
  return `<header class="top"><h1>${escapeHtml(title)}</h1><button type="button" id="theme" class="control" hidden>dark</button></header>
${paragraphs.map(text => `<p>${escapeHtml(text.replace(/\s+/g, ' ').trim())}</p>`).join('')}
<p class="soft">Every detector is fitted on ID training rows only; no OOD row is used for fitting or choosing anything. A score is higher for more out-of-distribution.</p>
<ul class="facts">${facts.map(([value, label]) => `<li><b>${value}</b>${escapeHtml(label)}</li>`).join('')}</ul>
<noscript><p class="warning">Curves, histograms and the map are drawn by the script of this page, which this browser does not run. The tables are complete.</p></noscript>`;
}

function failures({ failures }: Results): string {
  return failures
    .map(
      ({ detector, reason }) =>
        `<p class="warning">${escapeHtml(`${detector} has no result: ${reason}`)}</p>`,
    )
    .join('');
}

function provenance({ provenance: facts, detectors, schemaVersion, sharedRows }: Results): string {
  const entries = Object.entries(facts).map(([name, value]) => [name, String(value)] as const);
  const described = detectors.map(({ detector, description }) => [detector, description] as const);
  const overlap =
    sharedRows.length === 0 ? 'no row of equal features' : sharedRows.map(describeSharedRows).join('; ');
  const rows = [
    ...described,
    ['shared between sets', overlap] as const,
    ...entries,
    ['schema version', String(schemaVersion)] as const,
  ].map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<section id="provenance"><h2>How this was made</h2><dl>${rows.join('')}</dl></section>`;
}
