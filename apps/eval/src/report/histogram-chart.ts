import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import type { ScoreHistogram } from './histogram.ts';
import { coordinate, escapeHtml } from './html.ts';

const WIDTH = 420;
const HEIGHT = 150;
const MARGIN = { top: 8, right: 12, bottom: 30, left: 12 };

/** SVG of ID (blue) and OOD (orange) scores, with the threshold that accepts 95 % of ID as a dashed line. */
export function histogramChart(histogram: ScoreHistogram, threshold: number, title: string): string {
  const { edges, id, ood, openEnd } = histogram;
  const last = edges.length - 1;
  const x = scaleLinear([edges[0], edges[last]], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scaleLinear([0, Math.max(...id, ...ood)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const shape = (shares: Float64Array): string =>
    area<number>()
      .x((_, i) => x(edges[i]))
      .y0(y(0))
      .y1((_, i) => y(shares[Math.min(i, shares.length - 1)]))
      .curve(curveStepAfter)
      .digits(1)(Array.from(edges)) ?? '';
  const ticks = x
    .ticks(5)
    .map(tick => {
      const at = coordinate(x(tick));
      return `<line x1="${at}" x2="${at}" y1="${y(0)}" y2="${y(0) + 4}"/><text x="${at}" y="${y(0) + 15}">${x.tickFormat(5)(tick)}</text>`;
    })
    .join('');
  const line = coordinate(x(Math.min(Math.max(threshold, edges[0]), edges[last])));
  const more = openEnd
    ? `<text class="end" x="${WIDTH - MARGIN.right}" y="${MARGIN.top + 10}">more OOD beyond →</text>`
    : '';
  return `<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">
<path class="id" d="${shape(id)}"/><path class="ood" d="${shape(ood)}"/>
<line class="threshold" x1="${line}" x2="${line}" y1="${MARGIN.top}" y2="${y(0)}"/>
<g class="axis"><line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(0)}" y2="${y(0)}"/>${ticks}${more}</g></svg>`;
}
