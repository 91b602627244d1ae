import { printable } from '@ood/core';
import { type CatalogEntry, catalog, type FileStatus } from '@ood/datasets';
import { formatTable, type Io, writeJson } from '@ood/terminal';
import { formatBytes } from './file-progress.ts';
import { type DatasetsContext, openStore } from './find-entry.ts';

/** Prints the catalog with the state of its files on this machine. */
export async function runList(
  options: { readonly json: boolean },
  io: Io,
  context: DatasetsContext = {},
): Promise<void> {
  const { entries = catalog } = context;
  const store = openStore(io);
  const rows = await Promise.all(
    entries.map(async entry => {
      const files = await store.status(entry);
      return { entry, folder: store.folder(entry), state: stateOf(entry, files), bytes: sizeOf(entry) };
    }),
  );
  if (options.json) {
    const datasets = rows.map(({ entry, ...rest }) => ({
      name: entry.name,
      title: entry.title,
      splits: Object.keys(entry.splits),
      checksums: checksumsOf(entry),
      ...rest,
    }));
    writeJson(io, { root: store.root, datasets });
    return;
  }
  const table = formatTable(
    [
      { title: 'name', align: 'left' },
      { title: 'size' },
      { title: 'checksums', align: 'left' },
      { title: 'here', align: 'left' },
      { title: 'data set', align: 'left' },
    ],
    rows.map(({ entry, state, bytes }) => [
      entry.name,
      bytes === undefined ? '?' : bytes === 0 ? '–' : formatBytes(bytes),
      checksumsOf(entry),
      state,
      entry.title,
    ]),
  );
  io.stdout.write(`${table}\n\nfolder: ${printable(store.root)}\n`);
}

/** One word for all files: what is missing from the worst of them. */
function stateOf(entry: CatalogEntry, files: readonly FileStatus[]): string {
  if (entry.files.length === 0) return 'your own';
  const states = files.map(file => file.state);
  if (states.every(state => state === 'missing')) return 'no';
  if (states.every(state => state === 'verified')) return 'verified';
  return states.every(state => state === 'verified' || state === 'present') ? 'present' : 'in part';
}

function sizeOf(entry: CatalogEntry): number | undefined {
  const sizes = entry.files.map(file => file.bytes);
  return sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

function checksumsOf(entry: CatalogEntry): string {
  if (entry.files.length === 0) return '–';
  const unknown = entry.files.some(file => file.sha256 === undefined && file.md5 === undefined);
  return unknown
    ? 'pinned on first use'
    : entry.files.every(file => file.sha256 !== undefined)
      ? 'sha256'
      : 'md5';
}
