import { FeaturesError } from '../errors.ts';

/** What the arrays or columns of a file are called. */
export interface ColumnNames {
  /**
   * The array or the column of lists; of a table also several columns of numbers, in this order. Default: `features`; of a table without
   * one, all columns of numbers that are none of the others.
   */
  readonly features?: string | readonly string[] | undefined;
  /** Default: `logits`, where there is one. */
  readonly logits?: string | readonly string[] | undefined;
  /** Default: `labels` or `label`, where there is one. */
  readonly labels?: string | undefined;
  /** Default: `ids` or `id`, where there is one. */
  readonly ids?: string | undefined;
}

export type Part = keyof ColumnNames;

/** The names under which a file has its parts, a single one each. */
export type FoundColumns = Readonly<Record<Exclude<Part, 'features'>, string | undefined>> & {
  readonly features: string;
};

/** What a column of a table holds: numbers, lists of numbers, or neither. */
export interface TableField {
  readonly name: string;
  readonly kind: 'number' | 'list' | 'other';
}

/** The columns of a table: of lists (one) or of numbers (several). */
export interface TableColumns {
  readonly features: readonly string[];
  readonly logits: readonly string[] | undefined;
  readonly labels: string | undefined;
  readonly ids: string | undefined;
}

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
): FoundColumns {
  const find = (part: Part): string | undefined => {
    const [name = USUAL[part].find(usual => there.includes(usual)), ...more] = [wanted[part] ?? []].flat();
    if (more.length > 0) throw several(path, part);
    if (name === undefined ? part !== 'features' : there.includes(name)) return name;
    throw missing(path, part, name ?? part, there);
  };
  return { features: find('features')!, logits: find('logits'), labels: find('labels'), ids: find('ids') };
}

/**
 * The columns of a table that hold features, logits, labels and ids.
 *
 * @throws FeaturesError INVALID_OPTION for a name that the table lacks, or a column that holds something else
 */
export function chooseTableColumns(
  path: string,
  fields: readonly TableField[],
  wanted: ColumnNames = {},
): TableColumns {
  const there = fields.map(({ name }) => name);
  const named = (part: Part): readonly string[] | undefined => {
    const names = wanted[part];
    if (names === undefined) return undefined;
    const list = [names].flat();
    const lacking = list.find(name => !there.includes(name));
    if (lacking !== undefined) throw missing(path, part, lacking, there);
    return list;
  };
  const usual = (part: Part) => there.find(name => USUAL[part].includes(name));
  const one = (part: 'labels' | 'ids') => named(part)?.[0] ?? usual(part);
  const kindOf = (name: string) => fields.find(field => field.name === name)!.kind;
  const [labels, ids] = [one('labels'), one('ids')];
  const listOf = (part: 'features' | 'logits') => {
    const name = usual(part);
    return name !== undefined && kindOf(name) === 'list' ? [name] : undefined;
  };
  const logits = named('logits') ?? listOf('logits');
  const others = new Set([labels, ids, ...(logits ?? [])]);
  const features =
    named('features') ??
    listOf('features') ??
    there.filter(name => kindOf(name) === 'number' && !others.has(name));
  if (features.length === 0) throw missing(path, 'features', 'features', there);
  for (const [part, names] of Object.entries({ features, logits })) {
    const wrong = names?.find(
      name => kindOf(name) !== (names.length === 1 ? kindOf(name) : 'number') || kindOf(name) === 'other',
    );
    if (wrong === undefined) continue;
    throw new FeaturesError('INVALID_OPTION', {
      where: path,
      expected: `${part} in columns of numbers, or in one of lists`,
      got: `${JSON.stringify(wrong)}, which holds ${kindOf(wrong) === 'list' ? 'lists, among others' : 'something else'}`,
      advice: 'name other columns',
      details: { path, column: wrong },
    });
  }
  return { features, logits, labels, ids };
}

function several(path: string, part: Part): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: path,
    expected: `one name of an array of ${part}`,
    got: 'several',
    advice: 'only tables (CSV, Parquet) have a column for each number',
    details: { path, part },
  });
}

function missing(path: string, part: Part, name: string, there: readonly string[]): FeaturesError {
  const shown = there.slice(0, 20).map(one => JSON.stringify(one));
  return new FeaturesError('INVALID_OPTION', {
    where: path,
    expected: `${part} under the name ${JSON.stringify(name)}`,
    got:
      there.length === 0
        ? 'a file without arrays'
        : `arrays ${shown.join(', ')}${there.length > shown.length ? `, and ${there.length - shown.length} more` : ''}`,
    advice:
      there.length === 0
        ? undefined
        : `say which they are, e.g. columns: { ${part}: ${JSON.stringify(there[0])} }`,
    details: { path, name, names: there },
  });
}
