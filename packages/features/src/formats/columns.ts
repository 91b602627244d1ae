import { FeaturesError } from '../errors.ts';

/** What the arrays or columns of a file are called. */
export interface ColumnNames {
  /** Default: `features`. */
  readonly features?: string | undefined;
  /** Default: `logits`, where there is one. */
  readonly logits?: string | undefined;
  /** Default: `labels` or `label`, where there is one. */
  readonly labels?: string | undefined;
  /** Default: `ids` or `id`, where there is one. */
  readonly ids?: string | undefined;
}

export type Part = keyof ColumnNames;

const USUAL: Readonly<Record<Part, readonly string[]>> = {
  features: ['features'],
  logits: ['logits'],
  labels: ['labels', 'label'],
  ids: ['ids', 'id'],
};

/**
 * The names under which a file has features, logits, labels and ids.
 *
 * @throws FeaturesError INVALID_OPTION for a name that the file lacks, listing those that it has
 */
export function chooseColumns(
  path: string,
  there: readonly string[],
  wanted: ColumnNames = {},
): ColumnNames & { readonly features: string } {
  const find = (part: Part): string | undefined => {
    const name = wanted[part] ?? USUAL[part].find(usual => there.includes(usual));
    if (name === undefined ? part !== 'features' : there.includes(name)) return name;
    throw new FeaturesError('INVALID_OPTION', {
      where: path,
      expected: `${part} under the name ${JSON.stringify(name ?? part)}`,
      got:
        there.length === 0
          ? 'a file without arrays'
          : `arrays ${there.map(n => JSON.stringify(n)).join(', ')}`,
      advice:
        there.length === 0
          ? undefined
          : `say which they are, e.g. columns: { ${part}: ${JSON.stringify(there[0])} }`,
      details: { path, name: name ?? part, names: there },
    });
  };
  return { features: find('features')!, logits: find('logits'), labels: find('labels'), ids: find('ids') };
}
