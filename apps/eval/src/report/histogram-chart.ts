import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import type { ScoreHistogram } from './histogram.ts';
import { coordinate, escapeHtml } from './html.ts';

const WIDTH = 420;
const HEIGHT = 150;
const MARGIN = { top: 8, right: 12, bottom: 30, left: 12 };

/** SVG of ID (blue) and OOD (orange) scores, with the threshold that accepts 95 % of ID as a dashed line. */
export function histogramChart(histogram: ScoreHistogram, threshold: number, title: string): string {
  const { edges, id, ood, openEnd } = histogram;
  const [first, last] = [edges[0]!, edges.at(-1)!];
  const x = scaleLinear([first, last], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scaleLinear([0, Math.max(...id, ...ood)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const shape = (shares: Float64Array): string =>
    area<number>()
      .x(edge => x(edge))
      .y0(y(0))
      .y1((_, i) => y(shares[Math.min(i, shares.length - 1)]!))
      .curve(curveStepAfter)
      .digits(1)(Array.from(edges)) ?? '';
  const ticks = readableTicks(x)
    .map(({ value, label }) => {
      const at = coordinate(x(value));
      return `<line x1="${at}" x2="${at}" y1="${y(0)}" y2="${y(0) + 4}"/><text x="${at}" y="${y(0) + 15}">${label}</text>`;
    })
    .join('');
  const line = coordinate(x(Math.min(Math.max(threshold, first), last)));
  const more = openEnd
    ? `<text class="end" x="${WIDTH - MARGIN.right}" y="${MARGIN.top + 10}">more OOD beyond →</text>`
    : '';
  return `<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">
<path class="id" d="${shape(id)}"/><path class="ood" d="${shape(ood)}"/>
<line class="threshold" x1="${line}" x2="${line}" y1="${MARGIN.top}" y2="${y(0)}"/>
<g class="axis"><line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(0)}" y2="${y(0)}"/>${ticks}${more}</g></svg>`;
}

interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Width of a digit of a label, with room to the next one. */
const DIGIT = 6.5;

/** As many ticks as have room for their labels; where plain numbers are long, with exponents. */
function readableTicks(x: ScaleLinear<number, number>): readonly Tick[] {
  const candidates = [5, 3, 2, 1].flatMap(count =>
    [undefined, '~e'].map(format => {
      const label = x.tickFormat(count, format);
      return x.ticks(count).map(value => ({ value, label: label(value) }));
    }),
  );
  const fits = (ticks: readonly Tick[]): boolean =>
    ticks.every(({ value, label }, i) => {
      const [at, half] = [x(value), (label.length * DIGIT) / 2];
      const before = ticks[i - 1];
      const free = before === undefined ? 0 : x(before.value) + (before.label.length * DIGIT) / 2;
      return at - half >= free && at + half <= WIDTH;
    });
  return candidates.find(ticks => ticks.length > 0 && fits(ticks)) ?? [];
}
