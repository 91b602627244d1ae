import type { ReportData } from '../data/report-data.ts';
import { element } from './elements.ts';
import { unpacked } from './unpacked.ts';

/** Pictures and words of single rows. */
export interface Thumbnails {
  /** The picture of a sample, or `null` where there is none. */
  picture(place: number): HTMLElement | null;
  /** Set, row and classes of a sample in words. */
  words(place: number): string;
}

export function createThumbnails({ atlas, samples, sets, classNames }: ReportData): Thumbnails {
  const image = new Image();
  const waiting: (() => void)[] = [];
  let ready = false;
  image.addEventListener('load', () => {
    ready = true;
    for (const draw of waiting.splice(0)) draw();
  });
  if (atlas) image.src = atlas.source;
  const of = (packed: string, place: number): number => unpacked(packed)[place]!;
  const className = (label: number): string => classNames?.[label - 1] ?? String(label - 1);
  return {
    picture(place) {
      const at = of(samples.tile, place) - 1;
      if (atlas === null || at < 0) return null;
      const { tile, columns } = atlas;
      const canvas = element('canvas', { width: tile, height: tile, class: 'thumb', role: 'img' });
      canvas.setAttribute('aria-label', this.words(place));
      const draw = () => {
        const [left, top] = [(at % columns) * tile, Math.floor(at / columns) * tile];
        canvas.getContext('2d')!.drawImage(image, left, top, tile, tile, 0, 0, tile, tile);
      };
      if (ready) draw();
      else waiting.push(draw);
      return canvas;
    },
    words(place) {
      const set = of(samples.set, place);
      const [label, predicted] = [of(samples.label, place), of(samples.predicted, place)];
      return [
        `${set === 0 ? 'ID test' : sets[set - 1]!.name}, row ${of(samples.row, place)}`,
        ...(label > 0 ? [`class ${className(label)}`] : []),
        ...(predicted > 0 ? [`classified as ${className(predicted)}`] : []),
      ].join(', ');
    },
  };
}
