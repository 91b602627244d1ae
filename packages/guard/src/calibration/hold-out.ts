/** Whether a row belongs to the part that is held out, by a seeded draw of its own: a share of about `fraction` of all. */
export function isHeldOut(
  row: number,
  { seed, fraction }: { readonly seed: number; readonly fraction: number },
): boolean {
  let t = (Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77)) >>> 0;
  t = Math.imul(t ^ (t >>> 16), 0x7feb352d);
  t = Math.imul(t ^ (t >>> 15), 0x846ca68b);
  return ((t ^ (t >>> 16)) >>> 0) / 2 ** 32 < fraction;
}
