import { FeaturesError } from '../errors.ts';

/** What a description of version 1 must look like: for each key, what is expected in words and whether a value is that. */
export type KeyRules<P> = {
  readonly [K in keyof P]-?: readonly [expected: string, holds: (value: P[K], all: P) => boolean];
};

/**
 * Checks that an object has exactly the keys of a description, each as its rule says.
 *
 * @throws FeaturesError INVALID_OPTION naming the key; NEWER_VERSION for a description of a later version
 */
export function checkKeys<P extends object>(
  object: Readonly<Record<string, unknown>>,
  rules: KeyRules<P>,
  advise: (unknown: string) => string | undefined = () => undefined,
): P {
  if (typeof object.version === 'number' && object.version > 1)
    throw new FeaturesError('NEWER_VERSION', {
      where: 'preprocessing.version',
      expected: 'at most 1',
      got: `${object.version}`,
      advice: 'update @ood/features to read it',
      details: { version: object.version },
    });
  for (const key of Object.keys(object)) {
    if (Object.hasOwn(rules, key)) continue;
    throw new FeaturesError('INVALID_OPTION', {
      where: 'preprocessing',
      expected: `only the keys ${Object.keys(rules).join(', ')}`,
      got: `'${key}'`,
      advice: advise(key) ?? 'remove it',
      details: { key },
    });
  }
  const candidate = object as P;
  for (const key of Object.keys(rules) as (keyof P & string)[]) {
    const [expected, holds] = rules[key];
    if (holds(candidate[key], candidate)) continue;
    throw new FeaturesError('INVALID_OPTION', {
      where: `preprocessing.${key}`,
      expected,
      got: `${JSON.stringify(candidate[key])?.slice(0, 200)}`,
      advice: 'correct the preprocessing',
      details: { key, value: candidate[key] },
    });
  }
  return candidate;
}

/** The value with all that it holds frozen. */
export function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
