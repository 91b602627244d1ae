import type { Pixels } from '../contract/sample.ts';

/** Planar pixels `[channels, height, width]` as interleaved `[height, width, channels]`. */
export function interleave(planar: Uint8Array, width: number, height: number, channels: number): Pixels {
  const plane = width * height;
  const data = new Uint8Array(plane * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0, from = channel * plane; i < plane; i++) data[i * channels + channel] = planar[from + i]!;
  }
  return { width, height, channels, data };
}

/** Which of several files of records holds record `index`: file number and record number in it. */
export function locate(counts: readonly number[], index: number): { file: number; record: number } {
  let record = index;
  let file = 0;
  while (record >= counts[file]!) record -= counts[file++]!;
  return { file, record };
}

/** `prefix/000042`: zero-padded, so that ids sort like rows. */
export function rowId(prefix: string, index: number): string {
  return `${prefix}/${String(index).padStart(6, '0')}`;
}
