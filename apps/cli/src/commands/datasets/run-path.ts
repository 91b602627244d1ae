import type { Io } from '../../io.ts';
import { type DatasetsContext, findEntry, openStore } from './find-entry.ts';

/** Prints the folder of all data, or of one data set, whether it exists or not. */
export function runPath(
  options: { readonly name: string | undefined },
  io: Io,
  context: DatasetsContext = {},
): void {
  const store = openStore(io);
  const folder = options.name === undefined ? store.root : store.folder(findEntry(options.name, context));
  io.stdout.write(`${folder}\n`);
}
