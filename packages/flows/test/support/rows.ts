import { createHash } from 'node:crypto';
import { createRandom } from '@ood/core';
import type { Matrix, Weights } from '../../src/index.ts';
import { normalArray } from '../../src/random.ts';

/** Rows around three centers, without sign or scale in common. */
export function clusters({
  rows,
  cols,
  seed,
}: {
  rows: number;
  cols: number;
  seed: number;
}): Matrix & { labels: Int32Array } {
  const rng = createRandom(seed);
  const centers = normalArray(3 * cols, rng, 3);
  const labels = Int32Array.from({ length: rows }, () => rng.below(3));
  const data = normalArray(rows * cols, rng).map(
    (noise, i) => centers[labels[Math.floor(i / cols)]! * cols + (i % cols)]! + noise,
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
