import { createHash } from 'node:crypto';
import type { Matrix, Weights } from '../../src/index.ts';
import { normalArray, seededRng } from '../../src/random.ts';

/** Rows around three centres, without sign or scale in common. */
export function clusters({
  rows,
  cols,
  seed,
}: {
  rows: number;
  cols: number;
  seed: number;
}): Matrix & { labels: Int32Array } {
  const rng = seededRng(seed);
  const centres = normalArray(3 * cols, rng, 3);
  const labels = Int32Array.from({ length: rows }, () => Math.floor(3 * rng()));
  const data = normalArray(rows * cols, rng).map(
    (noise, i) => centres[labels[Math.floor(i / cols)]! * cols + (i % cols)]! + noise,
  );
  return { rows, cols, data, labels };
}

/** A digest of every number of the weights, by name. */
export function bytesOf({ parameters, constants }: Weights): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of Object.entries({ ...parameters, ...constants })) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
