import { bisectRight } from 'd3-array';
import type { DetectorData, Extremes, ReportData } from '../data/report-data.ts';
import { STEPS } from '../data/threshold-grid.ts';
import { percent } from '../percent.ts';
import { element } from './elements.ts';
import { number } from './number.ts';
import type { Store } from './store.ts';
import type { Thumbnails } from './thumbnails.ts';
import { unpacked } from './unpacked.ts';

/** The rows at the wrong end of the scores of the detector in focus: of every OOD set the lowest, of ID test the highest. */
export function mountExtremes(data: ReportData, store: Store, thumbnails: Thumbnails): void {
  const container = document.getElementById('strips')!;
  store.watch(['focus'], ({ focus }) => {
    const detector = data.detectors[focus]!;
    const mistakes = data.sets.map(({ name }, set) =>
      strip(name, detector.sets[set]!.mistakes, detector, data, thumbnails),
    );
    const unusual = strip('ID test, the most OOD-looking', detector.unusual, detector, data, thumbnails);
    container.replaceChildren(...mistakes, unusual);
  });
}

function strip(
  heading: string,
  { samples, scores }: Extremes,
  detector: DetectorData,
  data: ReportData,
  thumbnails: Thumbnails,
): HTMLElement {
  const values = unpacked(scores);
  const items = Array.from(unpacked(samples), (place, i) => {
    const share = shareBelow(detector, values[i]!, data.idRows);
    const picture = thumbnails.picture(place);
    const title = `${thumbnails.words(place)}; score ${number(values[i]!)}, no lower than ${share} of ID test`;
    const row = `row ${unpacked(data.samples.row)[place]!.toLocaleString('en')}`;
    return element('li', { title }, picture ?? element('b', {}, row), element('small', {}, share));
  });
  return element(
    'section',
    { class: 'strip' },
    element('h3', {}, heading),
    element('ol', { class: data.atlas ? 'pictures' : 'rows' }, ...items),
  );
}

/** Share of ID test rows that score no higher, as far as the steps of the slider tell. */
function shareBelow({ thresholds, idAccepted }: DetectorData, score: number, idRows: number): string {
  const step = Math.min(STEPS, bisectRight(unpacked(thresholds), score) - 1);
  return `${percent(unpacked(idAccepted)[step]! / idRows)} %`;
}
