import { readConfiguredClasses } from '@ood/features';
import type { Warning } from '../calibration/warnings.ts';
import type { Reference } from '../engine/reference.ts';
import type { GraphShape } from '../graph/score-graph.ts';
import { type FitGuardOptions, invalid } from './options.ts';

/** @throws GuardError `INVALID_OPTION` for names that are not as many as the logits have columns */
export function checkClasses(
  names: readonly string[] | undefined,
  { classes }: Pick<GraphShape, 'classes'>,
): void {
  if (names === undefined || fits(names, classes)) return;
  const expected =
    classes === null
      ? 'none, since the model has no logits'
      : `${classes === 1 ? 'two names, of no and of yes' : `${classes} names`}, one for each class`;
  throw invalid('classes', expected, `${names.length}`);
}

/** The names given, those that a feature store keeps, those of the model's configuration, or those of the training classes if the logits are evidently in their order. */
export async function classNamesOf(
  { classes: given, model, train }: Pick<FitGuardOptions, 'classes' | 'model' | 'train'>,
  { classes }: Pick<GraphShape, 'classes'>,
  reference: Reference | undefined,
): Promise<{ readonly names: readonly string[] | null; readonly warnings: readonly Warning[] }> {
  if (given) return { names: given, warnings: [] };
  if (classes === null) return { names: null, warnings: [] };
  const stored = storedNames(train);
  if (stored && fits(stored, classes)) return { names: stored, warnings: [] };
  const configured = typeof model === 'string' ? await readConfiguredClasses(model) : undefined;
  if (configured && fits(configured, classes)) return { names: configured, warnings: [] };
  const training = trainingClasses(train);
  const shared = training?.length === classes && reference && reference.agreement > 0.5;
  return {
    names: shared ? training : null,
    warnings: configured
      ? [
          {
            code: 'CLASS_NAMES',
            message: `The config.json beside the model names ${configured.length} classes, but it has ${classes} logits: the names are not used.`,
          },
        ]
      : [],
  };
}

/** Names of the classes that training samples are labelled with. */
export function trainingClasses(train: FitGuardOptions['train']): readonly string[] | null {
  const names = train && 'classes' in train ? train.classes : null;
  return Array.isArray(names) && names.every(name => typeof name === 'string') ? names : null;
}

const fits = (names: readonly string[], classes: number | null) =>
  names.length === classes || (classes === 1 && names.length === 2);

/** Names that a feature store keeps of the model whose features it holds. */
function storedNames(train: FitGuardOptions['train']): readonly string[] | undefined {
  const names = train && 'open' in train ? train.provenance?.classNames : undefined;
  return Array.isArray(names) && names.every(name => typeof name === 'string') ? names : undefined;
}
