import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { coordinate, escapeHtml } from './html.ts';

/** One ROC curve: shares of ID rejected against OOD caught, from (0, 0) to (1, 1). */
export interface RocSeries {
  readonly detector: string;
  readonly color: string;
  readonly falsePositiveRate: ArrayLike<number>;
  readonly truePositiveRate: ArrayLike<number>;
}

const SIZE = 240;
const MARGIN = { top: 8, right: 10, bottom: 34, left: 40 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** SVG of the ROC curves of all detectors on one OOD set, with chance as the dashed diagonal. */
export function rocChart(series: readonly RocSeries[], title: string): string {
  const x = scaleLinear([0, 1], [MARGIN.left, SIZE - MARGIN.right]);
  const y = scaleLinear([0, 1], [SIZE - MARGIN.bottom, MARGIN.top]);
  const curve = line<number>().digits(1);
  const curves = series.map(({ detector, color, falsePositiveRate, truePositiveRate }) => {
    const points = Array.from(falsePositiveRate, (_, i) => i);
    const path = curve.x(i => x(falsePositiveRate[i]!)).y(i => y(truePositiveRate[i]!))(points);
    return `<path class="curve" data-detector="${escapeHtml(detector)}" style="stroke:${color}" d="${path}"><title>${escapeHtml(detector)}</title></path>`;
  });
  const grid = TICKS.map(tick => {
    const [across, up] = [coordinate(x(tick)), coordinate(y(tick))];
    const label = String(tick);
    return `<line class="grid" x1="${across}" x2="${across}" y1="${y(0)}" y2="${y(1)}"/><line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${up}" y2="${up}"/><text x="${across}" y="${y(0) + 14}">${label}</text><text class="end" x="${x(0) - 6}" y="${Number(up) + 4}">${label}</text>`;
  });
  return `<svg class="roc" viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${escapeHtml(title)}">
<g class="axis">${grid.join('')}<line class="chance" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
<text x="${(x(0) + x(1)) / 2}" y="${SIZE - 4}">ID rejected</text><text transform="translate(11 ${(y(0) + y(1)) / 2}) rotate(-90)">OOD caught</text></g>
${curves.join('\n')}</svg>`;
}
