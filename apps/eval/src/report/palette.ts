/** Colors that stay apart for color-blind readers (Okabe and Ito, 2008), on light and dark ground. */
const SERIES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#999999'];

/** Color of the `index`-th detector, the same in every chart of a report. */
export function seriesColor(index: number): string {
  return SERIES[index % SERIES.length]!;
}
