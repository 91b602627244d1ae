import { bisectRight } from 'd3-array';
import { axisBottom, axisLeft } from 'd3-axis';
import { scaleLinear, scaleLog } from 'd3-scale';
import { select } from 'd3-selection';
import { curveLinear, curveStepBefore, line } from 'd3-shape';
import { percent } from '../percent.ts';
import { chart, element, svg } from './elements.ts';
import { seriesStyle, seriesSwatch } from './series.ts';

export interface Line {
  readonly index: number;
  readonly name: string;
  /** Ascending, from 0 to 1. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The point of the threshold. */
  readonly marked: readonly [number, number];
}

export interface LineChartOptions {
  readonly kind: string;
  readonly width: number;
  readonly title: string;
  readonly description: string;
  readonly axes: readonly [x: string, y: string];
  /** Left end of a logarithmic axis, or `null` for a linear one from 0. */
  readonly logarithmicFrom: number | null;
  readonly shape: 'line' | 'steps';
  /** What a detector that knows nothing draws: the diagonal, or a constant. */
  readonly reference: 'diagonal' | number;
}

const MARGIN = { top: 10, right: 14, bottom: 40, left: 62 };
const STEPS_OF_KEYS = 100;

/** The chart, and the box that shows values where one points; both to be put into one positioned element. */
export function lineChart(lines: readonly Line[], options: LineChartOptions): [SVGSVGElement, HTMLElement] {
  const { kind, width, axes, logarithmicFrom, reference } = options;
  const height = Math.round(Math.min(440, Math.max(280, width * 0.82)));
  const range = [MARGIN.left, width - MARGIN.right];
  const x =
    logarithmicFrom === null ? scaleLinear([0, 1], range) : scaleLog([logarithmicFrom, 1], range).clamp(true);
  const y = scaleLinear([0, 1], [height - MARGIN.bottom, MARGIN.top]);
  const drawn = chart(kind, [width, height], options);
  drawn.setAttribute('tabindex', '0');
  const grid = svg('g', { class: 'grid' });
  const below = svg('g', { class: 'axis', transform: `translate(0 ${y(0)})` });
  const left = svg('g', { class: 'axis', transform: `translate(${MARGIN.left} 0)` });
  const ticks = logarithmicFrom === null ? x.ticks(5) : powers(logarithmicFrom);
  const label = (value: number) => `${Number((value * 100).toPrecision(3))} %`;
  select(below).call(
    axisBottom(x)
      .tickValues(ticks)
      .tickFormat(value => label(Number(value)))
      .tickSizeOuter(0),
  );
  select(left).call(
    axisLeft(y)
      .ticks(5)
      .tickFormat(value => label(Number(value)))
      .tickSizeOuter(0),
  );
  for (const tick of ticks) grid.append(svg('line', { x1: x(tick), x2: x(tick), y1: y(0), y2: y(1) }));
  for (const tick of y.ticks(5))
    grid.append(svg('line', { x1: range[0]!, x2: range[1]!, y1: y(tick), y2: y(tick) }));
  const path = line<number>()
    .digits(1)
    .curve(options.shape === 'steps' ? curveStepBefore : curveLinear);
  const chance = chancePoints(reference, logarithmicFrom ?? 0);
  const places = (values: ArrayLike<number>) => Array.from({ length: values.length }, (_, i) => i);
  drawn.append(
    grid,
    below,
    left,
    svg('path', {
      class: 'chance',
      d: line<readonly [number, number]>(
        ([a]) => x(a),
        ([, b]) => y(b),
      ).digits(1)(chance)!,
    }),
    svg('text', { x: (range[0]! + range[1]!) / 2, y: height - 6 }, axes[0]),
    svg('text', { transform: `translate(11 ${(y(0) + y(1)) / 2}) rotate(-90)` }, axes[1]),
    ...lines.map(({ index, x: xs, y: ys }) =>
      svg('path', {
        ...seriesStyle(index),
        fill: 'none',
        'data-detector': index,
        d: path.x(i => x(xs[i]!)).y(i => y(ys[i]!))(places(xs))!,
      }),
    ),
    ...lines.map(({ index, marked: [a, b] }) =>
      svg('circle', { class: `mark ${seriesStyle(index).class}`, r: 4.5, cx: x(a), cy: y(b) }),
    ),
  );
  return [drawn, reader(drawn, lines, { x, y, width, options })];
}

function powers(from: number): number[] {
  const decades = Math.round(-Math.log10(from));
  return Array.from({ length: decades + 1 }, (_, i) => 10 ** (i - decades));
}

function chancePoints(reference: 'diagonal' | number, from: number): (readonly [number, number])[] {
  if (reference !== 'diagonal')
    return [
      [0, reference],
      [1, reference],
    ];
  return Array.from({ length: 101 }, (_, i) => (from === 0 ? i / 100 : from ** (1 - i / 100))).map(x => [
    x,
    x,
  ]);
}

interface Reading {
  readonly x: { (value: number): number; invert(at: number): number };
  readonly y: (value: number) => number;
  readonly width: number;
  readonly options: LineChartOptions;
}

/** Shows the values of all lines below the pointer, or at the place that arrow keys move. */
function reader(
  drawn: SVGSVGElement,
  lines: readonly Line[],
  { x, y, width, options: { axes, shape } }: Reading,
): HTMLElement {
  const box = element('div', { class: 'tip', role: 'status', hidden: true });
  const cursor = svg('line', { class: 'cursor', y1: y(0), y2: y(1), visibility: 'hidden' });
  const dots = lines.map(({ index }) =>
    svg('circle', { class: `dot ${seriesStyle(index).class}`, r: 3.5, visibility: 'hidden' }),
  );
  drawn.append(cursor, ...dots);
  const [first, last] = [MARGIN.left, width - MARGIN.right];
  let share = 0.5;
  const hide = (): void => {
    box.hidden = true;
    for (const mark of [cursor, ...dots]) mark.setAttribute('visibility', 'hidden');
  };
  const show = (): void => {
    if (lines.length === 0) return;
    const at = first + share * (last - first);
    const value = x.invert(at);
    cursor.setAttribute('x1', String(at));
    cursor.setAttribute('x2', String(at));
    const read = lines.map(one => valueAt(one, value, shape));
    read.forEach((height, i) => {
      dots[i]!.setAttribute('cx', String(at));
      dots[i]!.setAttribute('cy', String(y(height)));
    });
    const rows = lines
      .map(({ index, name }, i) => ({ index, name, height: read[i]! }))
      .sort((a, b) => b.height - a.height)
      .map(({ index, name, height }) =>
        element(
          'div',
          {},
          seriesSwatch(index),
          element('span', {}, name),
          element('b', {}, `${percent(height)} %`),
        ),
      );
    box.replaceChildren(
      element('div', { class: 'soft' }, `${axes[0]} ${percent(value)} %: ${axes[1]}`),
      ...rows,
    );
    box.hidden = false;
    box.style.left = share < 0.5 ? `${((at + 14) / width) * 100}%` : 'auto';
    box.style.right = share < 0.5 ? 'auto' : `${(1 - (at - 14) / width) * 100}%`;
    for (const mark of [cursor, ...dots]) mark.setAttribute('visibility', 'visible');
  };
  drawn.addEventListener('pointermove', event => {
    const { left, width: seen } = drawn.getBoundingClientRect();
    const at = ((event.clientX - left) / seen) * width;
    share = Math.min(1, Math.max(0, (at - first) / (last - first)));
    show();
  });
  drawn.addEventListener('pointerleave', hide);
  drawn.addEventListener('blur', hide);
  drawn.addEventListener('keydown', event => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (event.key === 'Escape') hide();
    if (by === undefined) return;
    event.preventDefault();
    share = Math.min(1, Math.max(0, share + by / STEPS_OF_KEYS));
    show();
  });
  return box;
}

/** Height of a line at `x`: the step that holds there, or between the points beside it. */
function valueAt({ x, y }: Line, at: number, shape: 'line' | 'steps'): number {
  const next = bisectRight(x, at);
  if (next >= x.length) return y.at(-1)!;
  if (next === 0) return y[0]!;
  if (shape === 'steps') return y[next]!;
  const [from, to] = [x[next - 1]!, x[next]!];
  return y[next - 1]! + ((at - from) / (to - from)) * (y[next]! - y[next - 1]!);
}
