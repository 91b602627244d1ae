import { readFile } from 'node:fs/promises';
import type { Sample } from '../src/index.ts';

/** The files of an uncompressed tar, in its order. */
export async function tarSamples(path: string): Promise<Sample[]> {
  const bytes = await readFile(path);
  const text = (at: number, length: number) => bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const samples: Sample[] = [];
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const type = text(at + 156, 1);
    const prefix = text(at + 345, 155);
    const name = prefix ? `${prefix}/${text(at, 100)}` : text(at, 100);
    if (type === '0' || type === '')
      samples.push({ id: name, bytes: bytes.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return samples;
}
