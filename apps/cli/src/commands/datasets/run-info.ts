import { printable } from '@ood/core';
import { type CatalogEntry, type CatalogFile, folderVariable } from '@ood/datasets';
import { type Io, writeJson } from '@ood/terminal';
import { formatBytes } from './file-progress.ts';
import { type DatasetsContext, findEntry, openStore } from './find-entry.ts';

/** Prints everything the catalog knows of a data set. */
export async function runInfo(
  options: { readonly name: string; readonly json: boolean },
  io: Io,
  context: DatasetsContext = {},
): Promise<void> {
  const entry = findEntry(options.name, context);
  const store = openStore(io);
  const status = await store.status(entry);
  if (options.json) {
    const here = status.map(({ file, path, state, bytes }) => ({ name: file.name, path, state, bytes }));
    writeJson(io, { dataset: entry, folder: store.folder(entry), here });
    return;
  }
  const lines = [
    `${entry.name}: ${entry.title}`,
    entry.description,
    '',
    `license   ${entry.license}`,
    `cite      ${entry.citation}`,
    `homepage  ${entry.homepage}`,
    `folder    ${store.folder(entry)} (or set ${folderVariable(entry.name)})`,
    '',
    'splits',
    ...splitLines(entry),
    '',
    'files',
    ...(status.length === 0 ? ['  none to download: bring your own folder'] : []),
    ...status.flatMap(({ file, state }) => fileLines(file, state)),
    '',
    `in the literature: ${entry.usage}`,
    ...entry.overlaps.map(overlap => `with ${overlap.id} as ID: ${overlap.removed}`),
    ...(entry.unverified.length === 0 ? [] : ['', 'not verified']),
    ...entry.unverified.map(note => `  ${note}`),
  ];
  io.stdout.write(`${lines.map(line => printable(line)).join('\n')}\n`);
}

function splitLines(entry: CatalogEntry): string[] {
  return Object.entries(entry.splits).map(([name, { samples, layout }]) => {
    const count = samples === undefined ? '' : `${samples.toLocaleString('en')} samples`;
    const folder = layout.kind === 'folder' ? `  in ${layout.folder}/` : '';
    return `  ${name.padEnd(8)}${count}${folder}`;
  });
}

function fileLines(file: CatalogFile, state: string): string[] {
  const size = file.bytes === undefined ? 'size unknown' : formatBytes(file.bytes);
  const checksum =
    file.sha256 !== undefined
      ? `sha256 ${file.sha256}`
      : file.md5 !== undefined
        ? `md5 ${file.md5}`
        : 'no published checksum: pinned on first use';
  return [`  ${file.name}  ${size}, ${state}`, `    ${checksum}`, ...file.urls.map(url => `    ${url}`)];
}

/** Prints the folder of all data, or of one data set, whether it exists or not. */
export function runPath(
  options: { readonly name: string | undefined },
  io: Io,
  context: DatasetsContext = {},
): void {
  const store = openStore(io);
  const folder = options.name === undefined ? store.root : store.folder(findEntry(options.name, context));
  io.stdout.write(`${printable(folder)}\n`);
}
