import { side } from './raster.ts';

/** Below this without a shift, one pixel more or less does not make two centred shapes the same. */
const hopeless = 0.4;

/**
 * Largest Pearson correlation of two centred images over shifts of up to one pixel:
 * 1 for the same shape, whatever its brightness.
 */
export function similarity(a: Uint8Array, b: Uint8Array): number {
  const reach = 1;
  let best = correlation(a, b, 0, 0);
  if (best < hopeless) return best;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) best = Math.max(best, correlation(a, b, dx, dy));
  }
  return best;
}

function correlation(a: Uint8Array, b: Uint8Array, dx: number, dy: number): number {
  let sa = 0;
  let sb = 0;
  let saa = 0;
  let sbb = 0;
  let sab = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const u = a[y * side + x]!;
      const inside = x + dx >= 0 && x + dx < side && y + dy >= 0 && y + dy < side;
      const v = inside ? b[(y + dy) * side + x + dx]! : 0;
      sa += u;
      sb += v;
      saa += u * u;
      sbb += v * v;
      sab += u * v;
    }
  }
  const n = side * side;
  return (n * sab - sa * sb) / Math.sqrt(Math.max(1, (n * saa - sa * sa) * (n * sbb - sb * sb)));
}
