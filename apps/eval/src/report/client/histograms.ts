import { bisectLeft } from 'd3-array';
import { axisBottom } from 'd3-axis';
import { scaleLinear } from 'd3-scale';
import { select } from 'd3-selection';
import { area, curveStepAfter } from 'd3-shape';
import type { Packed } from '../data/packed.ts';
import type { DetectorData, ReportData } from '../data/report-data.ts';
import { STEPS } from '../data/threshold-grid.ts';
import { percent } from '../percent.ts';
import { chart, element, onResize, svg, widthOf } from './elements.ts';
import { readableTicks } from './readable-ticks.ts';
import type { State, Store } from './store.ts';
import { unpacked } from './unpacked.ts';

const HEIGHT = 170;
const MARGIN = { top: 10, right: 16, bottom: 28, left: 16 };

/** A card for each OOD set: the scores of the detector in focus, both error rates and the counts at the threshold. */
export function mountHistograms(data: ReportData, store: Store): void {
  const container = document.getElementById('histograms')!;
  let move: ((state: State) => void)[] = [];
  const draw = (state: State): void => {
    const cards = data.sets.map((_, set) => card(data, state.focus, set, store));
    container.replaceChildren(...cards.map(({ node }) => node));
    move = cards.map(({ draw }) => draw());
    for (const line of move) line(state);
  };
  store.watch(['focus'], draw);
  store.watch(['step'], state => {
    for (const line of move) line(state);
  });
  onResize(container, () => draw(store.get()));
}

interface Card {
  readonly node: HTMLElement;
  /** Draws the chart, once the card has a width; gives back what moves its threshold. */
  draw(): (state: State) => void;
}

function card(data: ReportData, focus: number, set: number, store: Store): Card {
  const detector = data.detectors[focus]!;
  const { name, group, rows } = data.sets[set]!;
  const plot = element('div', { class: 'plot' });
  const says = element('p', { class: 'rates' });
  const counts = [0, 1, 2, 3].map(() => element('td'));
  const { figures, warnings } = detector.sets[set]!;
  const node = element(
    'section',
    { class: 'set' },
    element(
      'header',
      {},
      element('h3', {}, name),
      element(
        'small',
        {},
        `${group}-OOD, ${rows.toLocaleString('en')} ${rows === 1 ? 'sample' : 'samples'}, AUROC ${percent(figures.auroc[0])}`,
      ),
    ),
    plot,
    element('div', { class: 'verdict' }, says, confusion(counts)),
    ...warnings.map(warning => element('p', { class: 'warning' }, warning)),
  );
  return {
    node,
    draw() {
      const {
        svg: drawn,
        moveTo,
        scoreAt,
      } = histogram(detector, set, widthOf(plot), {
        title: `${detector.name} scores of ID test and ${name}`,
        description: `Histogram of the scores of ${data.idRows} ID test rows and ${rows} OOD rows, with the threshold as a dashed line.`,
      });
      plot.replaceChildren(drawn);
      drawn.addEventListener('click', event => {
        const box = drawn.getBoundingClientRect();
        const score = scoreAt((event.clientX - box.left) / box.width);
        store.set({ step: Math.min(STEPS, bisectLeft(unpacked(detector.thresholds), score)) });
      });
      return ({ step }) => {
        const idAccepted = unpacked(detector.idAccepted)[step]!;
        const accepted = unpacked(detector.sets[set]!.accepted)[step]!;
        moveTo(unpacked(detector.thresholds)[step]!);
        const rate = (count: number, of: number) => `${percent(count / of)} %`;
        says.replaceChildren(
          element('span', {}, element('b', {}, rate(accepted, rows)), ' of OOD accepted'),
          element(
            'span',
            {},
            element('b', {}, rate(data.idRows - idAccepted, data.idRows)),
            ' of ID rejected',
          ),
        );
        [idAccepted, data.idRows - idAccepted, accepted, rows - accepted].forEach((count, i) => {
          counts[i]!.textContent = count.toLocaleString('en');
        });
      };
    },
  };
}

function confusion(counts: readonly HTMLElement[]): HTMLElement {
  const head = (text: string, scope: string) => element('th', { scope }, text);
  return element(
    'table',
    { class: 'confusion' },
    element('thead', {}, element('tr', {}, element('td'), head('accepted', 'col'), head('flagged', 'col'))),
    element(
      'tbody',
      {},
      element('tr', {}, head('ID', 'row'), counts[0]!, counts[1]!),
      element('tr', {}, head('OOD', 'row'), counts[2]!, counts[3]!),
    ),
  );
}

interface Histogram {
  readonly svg: SVGSVGElement;
  moveTo(threshold: number): void;
  /** @param share of the width of the chart */
  scoreAt(share: number): number;
}

function histogram(
  detector: DetectorData,
  set: number,
  width: number,
  texts: { readonly title: string; readonly description: string },
): Histogram {
  const { low, high, openEnd, ...counts } = detector.sets[set]!.histogram;
  const [id, ood] = [sharesOf(counts.id), sharesOf(counts.ood)];
  const x = scaleLinear([low, high], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([0, Math.max(...id, ...ood)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const shape = (values: readonly number[]): string =>
    area<number>()
      .x((_, i) => x(low * (1 - i / values.length) + high * (i / values.length)))
      .y0(y(0))
      .y1(value => y(value))
      .curve(curveStepAfter)
      .digits(1)([...values, values.at(-1)!])!;
  const line = svg('line', { class: 'threshold', y1: MARGIN.top - 6, y2: y(0) });
  const axis = svg('g', { class: 'axis', transform: `translate(0 ${y(0)})` });
  const drawn = chart('histogram', [width, HEIGHT], texts);
  drawn.append(
    svg('path', { class: 'id', d: shape(id) }),
    svg('path', { class: 'ood', d: shape(ood) }),
    axis,
    line,
  );
  const ticks = readableTicks(x, width);
  select(axis).call(
    axisBottom(x)
      .tickValues(ticks.map(({ value }) => value))
      .tickFormat((_, i) => ticks[i]!.label)
      .tickSizeOuter(0),
  );
  if (openEnd)
    drawn.append(
      svg('text', { class: 'end', x: width - MARGIN.right, y: MARGIN.top + 4 }, 'more OOD beyond →'),
    );
  return {
    svg: drawn,
    moveTo(threshold) {
      const at = x(Math.min(Math.max(threshold, low), high)).toFixed(1);
      line.setAttribute('x1', at);
      line.setAttribute('x2', at);
    },
    scoreAt: share => x.invert(share * width),
  };
}

function sharesOf(packed: Packed): number[] {
  const counts = Array.from(unpacked(packed));
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map(count => count / total);
}
