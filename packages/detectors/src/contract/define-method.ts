import { DetectorsError } from '../errors.ts';
import type { Method, MethodOptions } from './method.ts';
import type { Need, Reading } from './rows.ts';

const NEEDS: readonly Need[] = ['features', 'logits', 'labels', 'head'];
const READS: readonly Reading[] = ['features', 'logits'];

/**
 * The method, checked: a detector of one's own. Fit it with `fitMethod`, load it with `decodeDetector(bytes, { methods: [mine] })`,
 * and hold it to the laws of `@ood/detectors/laws`. Where the score is a formula of one row, `formulaMethod` writes `open` and
 * `toOnnx`.
 *
 * What every implementation guarantees: scores are finite, higher for more out-of-distribution, and those of a row do not depend
 * on the rows beside it; fitting and scoring are deterministic; all that scoring needs is in what `fit` returns, and `stores` says
 * what that is.
 *
 * @throws DetectorsError `INVALID_OPTION` for a method without a name, of readings that do not exist, or whose defaults break its rules
 */
export function defineMethod<Options extends object = MethodOptions, N extends Need = Need>(
  method: Method<Options, N>,
): Method<Options, N> {
  const { name, title, needs, reads, defaults, rules } = method;
  const where = `defineMethod '${name}'`;
  if (!/^[a-z0-9][a-z0-9+._-]*$/.test(name ?? ''))
    throw refusal(where, 'a name in lower case, as in files', `'${name}'`);
  if (!title) throw refusal(where, 'a title', 'none');
  const unknown =
    needs.find(need => !NEEDS.includes(need)) ?? reads.find(reading => !READS.includes(reading));
  if (unknown !== undefined)
    throw refusal(where, `needs of ${NEEDS.join(', ')} and reads of ${READS.join(', ')}`, unknown);
  if (reads.length === 0) throw refusal(where, 'something that it reads', 'nothing');
  for (const option of new Set([...Object.keys(defaults), ...Object.keys(rules)]) as Set<keyof Options>) {
    if (!Object.hasOwn(rules, option)) throw refusal(where, `a rule for option ${String(option)}`, 'none');
    if (!Object.hasOwn(defaults, option))
      throw refusal(
        where,
        `a default for option ${String(option)} (undefined where the data decide)`,
        'none',
      );
    const [holds, expected] = rules[option];
    const value = defaults[option];
    if (value !== undefined && !holds(value))
      throw refusal(where, `${expected} as default of ${String(option)}`, String(value));
  }
  return method;
}

function refusal(where: string, expected: string, got: string): DetectorsError {
  return new DetectorsError('INVALID_OPTION', { where, expected, got, advice: 'correct the definition' });
}
