import { bisectRight } from 'd3-array';
import type { MapData, ReportData } from '../data/report-data.ts';
import { STEPS } from '../data/threshold-grid.ts';
import { percent } from '../percent.ts';
import { chart, element, onResize, svg, widthOf } from './elements.ts';
import type { State, Store } from './store.ts';
import type { Thumbnails } from './thumbnails.ts';
import { unpacked } from './unpacked.ts';

/** Shares of ID test that part the colors of the style sheet, from in-distribution to out-of-distribution: the tail is what matters. */
const BOUNDS = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
/** Marks of the sets, drawn from their centers; ID test is a circle. */
const MARKS = [
  'm-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0',
  'm0 -3.6l3.3 5.8h-6.6z',
  'm-2.6 -2.6h5.2v5.2h-5.2z',
  'm0 -3.8l3.2 3.8l-3.2 3.8l-3.2 -3.8z',
  'm0 3.6l3.3 -5.8h-6.6z',
  'm-1 -3.4h2v2.4h2.4v2h-2.4v2.4h-2v-2.4h-2.4v-2h2.4z',
  'm-3.4 -1.8h6.8v3.6h-6.8z',
  'm-1.8 -3.4h3.6v6.8h-3.6z',
  'm-1.7 -3h3.4l1.7 3l-1.7 3h-3.4l-1.7 -3z',
  'm-3.4 -2.6l6.8 5.2v-5.2l-6.8 5.2z',
  'm-2.6 -3.4h5.2l-5.2 6.8h5.2z',
  'm0 -3.6l3.4 2.5l-1.3 4h-4.2l-1.3 -4z',
];
const markOf = (set: number): string => MARKS[set === 0 ? 0 : 1 + ((set - 1) % (MARKS.length - 1))]!;
const FULL = 65535;
/** How near the pointer has to come. */
const REACH = 14;

/** Rows in the plane: where they lie, which set they are of, and what the detector in focus says of them. */
export function mountMap(data: ReportData, plane: MapData, store: Store, thumbnails: Thumbnails): void {
  const container = document.getElementById('plane')!;
  const hidden = new Set<number>();
  const draw = (state: State): void =>
    container.replaceChildren(
      ...drawMap(data, plane, state, { hidden, thumbnails, width: widthOf(container) }),
    );
  mountRamp();
  mountLegend(data, hidden, () => draw(store.get()));
  store.watch(['focus', 'step'], draw);
  onResize(container, () => draw(store.get()));
}

function mountLegend({ sets }: ReportData, hidden: Set<number>, changed: () => void): void {
  const chips = ['ID test', ...sets.map(({ name }) => name)].map((name, set) => {
    const mark = svg('svg', { class: 'mark-of-set', viewBox: '-5 -5 10 10', 'aria-hidden': 'true' });
    mark.append(svg('path', { d: `M0 0${markOf(set)}` }));
    const chip = element('button', { type: 'button', 'aria-pressed': 'true' }, mark, name);
    chip.addEventListener('click', () => {
      if (!hidden.delete(set)) hidden.add(set);
      chip.ariaPressed = String(!hidden.has(set));
      changed();
    });
    return chip;
  });
  document.getElementById('map-sets')!.append(...chips);
}

interface Drawing {
  readonly hidden: ReadonlySet<number>;
  readonly thumbnails: Thumbnails;
  readonly width: number;
}

function drawMap(
  data: ReportData,
  plane: MapData,
  { focus, step }: State,
  { hidden, thumbnails, width }: Drawing,
): [SVGSVGElement, HTMLElement] {
  const [across, up] = [Float64Array.from(unpacked(plane.x)), Float64Array.from(unpacked(plane.y))];
  const shares = unpacked(data.detectors[focus]!.mapShares!);
  const setOf = unpacked(data.samples.set);
  const [low, high] = [Math.min(...up), Math.max(...up)];
  const scale = (width - 40) / FULL;
  const height = Math.max(220, (high - low) * scale + 48);
  const x = (i: number) => 24 + across[i]! * scale;
  const y = (i: number) => 14 + (high - up[i]!) * scale;
  const paths = new Map<string, string>();
  for (let i = 0; i < across.length; i++) {
    const set = setOf[i]!;
    if (hidden.has(set)) continue;
    const bin = bisectRight(BOUNDS, shares[i]! / FULL);
    const flagged = shares[i]! / FULL > step / STEPS;
    const key = `${flagged ? 'flagged' : 'accepted'} m${bin}`;
    const mark = `M${x(i).toFixed(1)} ${y(i).toFixed(1)}${markOf(set)}`;
    paths.set(key, (paths.get(key) ?? '') + mark);
  }
  const name = data.detectors[focus]!.name;
  const drawn = chart('plane', [width, height], {
    title: `map of the features, colored by ${name}`,
    description: `${across.length} rows of ID test and the OOD sets in two dimensions.`,
  });
  drawn.append(
    ...[...paths].sort().map(([key, d]) => svg('path', { class: key, d })),
    svg('text', { x: width / 2, y: height - 8 }, plane.axes[0]),
    svg('text', { transform: `translate(12 ${(height - 30) / 2}) rotate(-90)` }, plane.axes[1]),
  );
  const ring = svg('circle', { class: 'ring', r: 7, visibility: 'hidden' });
  drawn.append(ring);
  const box = element('div', { class: 'tip', role: 'status', hidden: true });
  const hide = (): void => {
    box.hidden = true;
    ring.setAttribute('visibility', 'hidden');
  };
  drawn.addEventListener('pointerleave', hide);
  drawn.addEventListener('pointermove', event => {
    const seen = drawn.getBoundingClientRect();
    const [atX, atY] = [event.clientX - seen.left, event.clientY - seen.top].map(
      at => (at / seen.width) * width,
    );
    let [nearest, distance] = [-1, REACH ** 2];
    for (let i = 0; i < across.length; i++) {
      if (hidden.has(setOf[i]!)) continue;
      const d = (x(i) - atX!) ** 2 + (y(i) - atY!) ** 2;
      if (d < distance) [nearest, distance] = [i, d];
    }
    if (nearest < 0) {
      hide();
      return;
    }
    const picture = thumbnails.picture(nearest);
    const says = `no lower than ${percent(shares[nearest]! / FULL)} % of ID test by ${name}`;
    box.replaceChildren(
      ...(picture ? [picture] : []),
      element('div', {}, thumbnails.words(nearest)),
      element('div', { class: 'soft' }, says),
    );
    box.hidden = false;
    const left = x(nearest) < width / 2;
    box.style.left = left ? `${((x(nearest) + 12) / width) * 100}%` : 'auto';
    box.style.right = left ? 'auto' : `${(1 - (x(nearest) - 12) / width) * 100}%`;
    box.style.top = `${(y(nearest) / height) * 100}%`;
    ring.setAttribute('cx', String(x(nearest)));
    ring.setAttribute('cy', String(y(nearest)));
    ring.setAttribute('visibility', 'visible');
  });
  return [drawn, box];
}

function mountRamp(): void {
  const ends = [0, ...BOUNDS, 1].map(bound => `${Number((bound * 100).toPrecision(3))}`);
  const steps = ends
    .slice(1)
    .map((end, i) =>
      element('li', {}, element('i', { class: `m${i}` }), element('span', {}, `${ends[i]}–${end} %`)),
    );
  document.getElementById('ramp')!.append(...steps);
}
