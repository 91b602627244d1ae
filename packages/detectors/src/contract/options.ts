import { requireOptions } from '@ood/core';
import type { Method, MethodOptions } from './method.ts';

/**
 * The defaults of a method with what was given.
 *
 * @throws CoreError `INVALID_OPTION` for an option that the method does not have, or a value that breaks its rule.
 */
export function resolveOptions<Options extends object>(
  { name, defaults, rules, check }: Pick<Method<Options>, 'name' | 'defaults' | 'rules' | 'check'>,
  given: MethodOptions,
): Options {
  requireOptions(name, given, rules);
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options = { ...defaults, ...set };
  check?.(options);
  return options;
}
