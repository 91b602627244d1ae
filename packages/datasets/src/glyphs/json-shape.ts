/** Says where a value of JSON is not as it should be, as in `sets[2].count`; undefined where all is well. */
export type Shape = (value: unknown, at: string) => string | undefined;

const when =
  (holds: (value: unknown) => boolean): Shape =>
  (value, at) =>
    holds(value) ? undefined : at;

export const text = when(value => typeof value === 'string');
export const number = when(Number.isFinite);
/** A whole number of 0 or more that an array can have as its length. */
export const size = when(
  value => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
);
/** A path inside the folder of the file that names it. */
export const innerPath = when(
  value =>
    typeof value === 'string' && value !== '' && !/^([/\\]|[a-z]:)|\\|\0|(^|\/)\.\.(\/|$)/i.test(value),
);
export const anyOf = (...words: readonly string[]): Shape => when(value => words.includes(value as string));
export const optional =
  (shape: Shape): Shape =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);

export const list =
  (shape: Shape): Shape =>
  (value, at) => {
    if (!Array.isArray(value)) return at;
    for (const [i, entry] of value.entries()) {
      const wrong = shape(entry, `${at}[${i}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };

export const fields =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (typeof value !== 'object' || value === null) return at === '' ? 'the whole' : at;
    for (const [name, shape] of Object.entries(shapes)) {
      const inner = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const wrong = shape(inner, at === '' ? name : `${at}.${name}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
