import type { ScaleLinear } from 'd3-scale';

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Width of a digit of a label, with room to the next one. */
const DIGIT = 6.7;

/** As many ticks as have room for their labels within the width; where plain numbers are long, with exponents. */
export function readableTicks(x: ScaleLinear<number, number>, width: number): readonly Tick[] {
  const most = Math.max(3, Math.floor(width / 90));
  const several = [most, 5, 3, 2, 1].flatMap(count =>
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
      return at - half >= free && at + half <= width;
    });
  const alone = several.flatMap(ticks => ticks.slice(0, 6).map(tick => [tick]));
  return [...several, ...alone].find(ticks => ticks.length > 0 && fits(ticks)) ?? [];
}
