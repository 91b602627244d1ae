import { requireOptions } from '@ood/core';
import { DetectorsError } from '../errors.ts';
import { openProducts } from '../linear-algebra/products.ts';
import { createDetector } from './create-detector.ts';
import type { Detector } from './detector.ts';
import { type Environment, threadsOf } from './environment.ts';
import type { FitArguments, FitOptions } from './fit-arguments.ts';
import type { AnyMethod, FitContext, FitSettings, Fitted, Method, MethodOptions } from './method.ts';
import { penultimateOf } from './penultimate.ts';
import type { Need, TrainingSource } from './rows.ts';
import { faultOf } from './stored.ts';
import { openTraining } from './training.ts';

/**
 * The detector of a method, fitted on ID rows.
 *
 * @throws DetectorsError `MISSING_INPUT`, `EMPTY_INPUT`, `WRONG_SHAPE`, `NON_FINITE`, `INVALID_OPTION`
 */
export function fitMethod<Options extends object, N extends Need>(
  method: Method<Options, N>,
  ...rowsAndOptions: NoInfer<FitArguments<Options, N>>
): Promise<Detector>;
export async function fitMethod(
  method: AnyMethod,
  source: TrainingSource,
  options: FitSettings = {},
): Promise<Detector> {
  const { runtime, threads } = options;
  return createDetector(method, await fitState(method, source, options), { runtime, threads });
}

/** What fitting a method to ID rows finds; see `fitMethod`. */
export async function fitState<Options extends object>(
  method: Method<Options>,
  source: TrainingSource,
  { head, runtime, threads, signal, onProgress, ...given }: FitOptions<Options>,
): Promise<Fitted<Options>> {
  const { name, needs } = method;
  const options = resolveOptions(method, given as MethodOptions);
  if (needs.includes('head') && head === undefined) throw missingHead(name);
  if (method.fit === undefined) return unfitted(options);
  const products = openProducts({ runtime, threads });
  try {
    const onRows = onProgress && ((rows: number) => onProgress({ stage: name, done: rows }));
    const part = penultimateOf(method as AnyMethod, head);
    const training = openTraining(source, { where: name, needs, head, part, products, signal, onRows });
    const context: FitContext = { runtime, threads, head, signal, onProgress, products, source };
    const found = await method.fit(training, options, context);
    const { rows, ...seen } = training.seen();
    const columns = { ...(needs.includes('head') && { logits: head!.weights.rows }), ...seen };
    const widths = Object.fromEntries(
      method.reads.flatMap(reading => (columns[reading] ? [[reading, columns[reading]]] : [])),
    );
    const labels = training.labels();
    const fitted: Fitted<Options> = {
      options: { ...options, ...found.options },
      numbers: { ...(rows > 0 && { rows }), ...found.numbers },
      arrays: found.arrays ?? {},
      widths,
      ...(part && { rowSize: part.of }),
      ...(labels && { labels }),
      warnings: found.warnings ?? [],
      threads: threadsOf({ threads }),
    };
    requireStored(method, fitted);
    return fitted;
  } finally {
    await products.close();
  }
}

/** The detector of a method that has nothing to fit. */
export function createStateless<Options extends object>(
  method: Method<Options>,
  { runtime, threads, ...given }: Partial<Options> & Environment,
): Detector {
  const options = resolveOptions(method, given as MethodOptions);
  return createDetector(method, unfitted(options), { runtime, threads });
}

/** A fit that found something else than its method says would make files that nobody can read. */
function requireStored<Options extends object>(method: Method<Options>, fitted: Fitted<Options>): void {
  const fault = faultOf(method as AnyMethod, fitted as unknown as Fitted);
  if (fault === undefined) return;
  throw new DetectorsError('INVALID_VALUE', {
    where: `${method.name}: fit`,
    expected: fault[0],
    got: fault[1],
    advice:
      'look for features of extreme size; in a method of your own, compare what `fit` returns with `stores`',
  });
}

function unfitted<Options>(options: Options): Fitted<Options> {
  return { options, numbers: {}, arrays: {}, widths: {} };
}

function missingHead(where: string): DetectorsError {
  return new DetectorsError('MISSING_INPUT', {
    where,
    expected: 'the head (weights and bias of the last layer)',
    got: 'none',
    advice: 'pass it as option `head`: a backbone of @ood/features has it',
    details: { need: 'head' },
  });
}

/**
 * The defaults of a method with what was given.
 *
 * @throws CoreError `INVALID_OPTION` for an option that the method does not have, or a value that breaks its rule.
 */
function resolveOptions<Options extends object>(
  { name, defaults, rules, check }: Pick<Method<Options>, 'name' | 'defaults' | 'rules' | 'check'>,
  given: MethodOptions,
): Options {
  requireOptions(name, given, rules);
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options = { ...defaults, ...set };
  check?.(options);
  return options;
}
