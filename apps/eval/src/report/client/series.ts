import { svg } from './elements.ts';

/** Colors of lines; the style sheet has one for light and one for dark for each. */
const COLORS = 12;
const DASHES = ['', '8 4', '2 4', '10 3 2 3'];

/** Class and dashes of a detector's lines: 48 that differ. */
export function seriesStyle(index: number): { readonly class: string; readonly 'stroke-dasharray': string } {
  return {
    class: `series s${index % COLORS}`,
    'stroke-dasharray': DASHES[Math.floor(index / COLORS) % DASHES.length]!,
  };
}

/** A short piece of a detector's line, for legends. */
export function seriesSwatch(index: number): SVGSVGElement {
  return svg(
    'svg',
    { class: 'swatch', viewBox: '0 0 26 10', 'aria-hidden': 'true' },
    svg('line', { ...seriesStyle(index), x1: 1, x2: 25, y1: 5, y2: 5 }),
  );
}
