import { type CatalogEntry, catalog, Store } from '@ood/datasets';
import type { Io } from '@ood/terminal';
import { CliError } from '../../errors.ts';

/** What the commands work on; tests hand in a catalog of their own. */
export interface DatasetsContext {
  readonly entries?: readonly CatalogEntry[];
}

/** The entry of that name. @throws CliError `UNKNOWN_DATASET` with the nearest names. */
export function findEntry(name: string, { entries = catalog }: DatasetsContext): CatalogEntry {
  const entry = entries.find(candidate => candidate.name === name);
  if (entry !== undefined) return entry;
  const alike = entries
    .map(candidate => candidate.name)
    .filter(other => plain(other).includes(plain(name)) || plain(name).includes(plain(other)));
  throw new CliError('UNKNOWN_DATASET', {
    where: 'data set',
    expected: 'a name of the catalog',
    got: `'${name}'`,
    advice: alike.length > 0 ? `did you mean ${alike.join(' or ')}?` : 'see `ood datasets list`',
    details: { name, alike },
  });
}

/** The store of the environment of this command. */
export function openStore(io: Io): Store {
  return new Store({ env: io.env });
}

/** Letters and digits alone: `CIFAR-10` is meant as `cifar10`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
