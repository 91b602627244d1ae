import { FIGURES } from './data/figures.ts';
import type { MapData, ReportData } from './data/report-data.ts';
import { escapeHtml } from './html.ts';

/** The table and what chooses its figure and columns; the script fills the list of columns. */
export function detection(table: string): string {
  const figures = FIGURES.map(({ key, name }) => `<option value="${key}">${name}</option>`);
  return `<section id="detection"><h2>Detection</h2>
<p class="soft" id="figure-about">In percent, with its 95 % interval. AUROC is better higher, FPR95 (the percentage of OOD accepted where 95 % of ID is accepted) lower. The best of a column is shaded; <b>≈</b> marks what the samples cannot tell from it (paired DeLong test, Holm-adjusted, p > 0.05). Below 50 is red.</p>
<div class="controls control"><label>figure <select id="figure">${figures.join('')}</select></label><details id="columns"><summary>columns</summary><div class="menu"></div></details><span class="soft">a heading sorts</span></div>
${table}</section>`;
}

/** Charts of the detectors that are chosen, and of the one in focus. */
export function explore({ sets, detectors }: ReportData): string {
  const options = detectors.map(({ name }, i) => `<option value="${i}">${escapeHtml(name)}</option>`);
  const tabs = sets.map(
    ({ name }, i) => `<button type="button" value="${i}" aria-pressed="false">${escapeHtml(name)}</button>`,
  );
  return `<section id="curves"><h2>Curves</h2>
<div class="chips control" id="shown" role="group" aria-label="detectors shown"></div>
<div class="chips control" id="sets" role="group" aria-label="OOD set">${tabs.join('')}${sets.length > 1 ? '<button type="button" value="all" aria-pressed="false">all sets</button>' : ''}</div>
<div class="controls control"><label><input type="checkbox" id="log"> logarithmic axis of ID rejected</label></div>
<div id="charts"></div></section>
<section id="scores"><h2>Scores and threshold</h2>
<div class="bar">
<label class="control">detector <select id="focus">${options.join('')}</select></label>
<label class="slider control"><span>accepted of ID test</span><input type="range" id="threshold" min="0" max="1000" step="1" value="950"></label>
<button type="button" id="reset" class="control">95 %</button>
<output id="threshold-says" for="threshold" aria-live="polite"></output></div>
<div class="legend"><span><i class="swatch id"></i>in-distribution</span><span><i class="swatch ood"></i>out-of-distribution</span><span>- - - threshold: what scores higher is flagged</span></div>
<div class="sets" id="histograms"></div></section>`;
}

export function map({ about }: MapData): string {
  return `<section id="map"><h2>Map of the features</h2>
<p class="soft">${escapeHtml(about)} Colored by the score of <b data-focus></b>, as the share of ID test rows that score no higher; points beyond the threshold are filled, accepted ones hollow.</p>
<div class="atlas-of-rows"><div id="plane"></div><div>
<h3>Sets</h3><div class="chips" id="map-sets" role="group" aria-label="sets on the map"></div>
<h3>Share of ID test that scores no higher</h3><ul class="ramp" id="ramp"></ul></div></div></section>`;
}

export function extremes({ atlas }: ReportData): string {
  const what = atlas
    ? ''
    : ' The sets of this benchmark have no pictures: rows are named by their numbers, from 0.';
  return `<section id="extremes"><h2>Most confident mistakes of <span data-focus></span></h2>
<p class="soft">OOD rows that look most in-distribution, and ID test rows that look most out-of-distribution; below each the share of ID test rows that score no higher.${what}</p>
<div id="strips"></div></section>`;
}

export function geometry(table: string): string {
  return `<section id="geometry"><h2>Geometry of the features</h2>${table}</section>`;
}
