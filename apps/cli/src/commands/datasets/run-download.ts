import { printable } from '@ood/core';
import { type CatalogEntry, folderVariable } from '@ood/datasets';
import { type Io, writeJson } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { fileProgress } from './file-progress.ts';
import { type DatasetsContext, findEntry, openStore } from './find-entry.ts';

export interface DownloadOptions {
  readonly names: readonly string[];
  readonly split: string | undefined;
  readonly json: boolean;
}

/** Downloads and verifies data sets; prints the folder of each on stdout. */
export async function runDownload(
  options: DownloadOptions,
  io: Io,
  context: DatasetsContext = {},
): Promise<void> {
  const entries = options.names.map(name => findEntry(name, context));
  for (const entry of entries) refuse(entry, options.split);
  const store = openStore(io);
  const { handlers, finish } = fileProgress(io, { silent: options.json });
  const datasets = [];
  for (const entry of entries) {
    const files = await store.ensure(entry, { ...handlers, split: options.split });
    finish();
    for (const { file, against, checksums } of files) {
      if (options.json || against !== 'first use') continue;
      const name = printable(file.name);
      io.stderr.write(`note: no checksum is published for ${name}; pinned sha256 ${checksums.sha256}\n`);
    }
    if (!options.json) io.stdout.write(`${printable(store.folder(entry))}\n`);
    datasets.push({
      name: entry.name,
      folder: store.folder(entry),
      files: files.map(({ path, against, checksums: { bytes, md5, sha256 } }) => ({
        path,
        against,
        bytes,
        md5,
        sha256,
      })),
    });
  }
  if (options.json) writeJson(io, { datasets });
}

function refuse(entry: CatalogEntry, split: string | undefined): void {
  const { name, files, homepage, splits } = entry;
  if (files.length === 0)
    throw new CliError('NOT_DOWNLOADABLE', {
      where: name,
      expected: 'a data set that can be downloaded here',
      got: 'one that everyone has to get for themselves',
      advice: `get it from ${homepage} and set ${folderVariable(name)} to its folder`,
      details: { homepage, variable: folderVariable(name) },
    });
  if (split !== undefined && !Object.hasOwn(splits, split))
    throw new CliError('INVALID_OPTION', {
      where: `${name}, --split`,
      expected: `one of ${Object.keys(splits).join(', ')}`,
      got: `'${split}'`,
    });
}
