/** Where two values of JSON differ first, as `path value`, or `undefined`. */
export function firstDifference(
  wanted: unknown,
  found: unknown,
  path = '',
): { expected: string; got: string } | undefined {
  if (isObject(wanted) && isObject(found)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      const inside = path === '' ? key : `${path}.${key}`;
      const difference = firstDifference(wanted[key], found[key], inside);
      if (difference) return difference;
    }
    return undefined;
  }
  const [expected, got] = [JSON.stringify(wanted), JSON.stringify(found)];
  return expected === got ? undefined : { expected: `${path} ${expected ?? 'none'}`, got: got ?? 'none' };
}

/** Whether a value has entries of its own. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
