import { catalog } from '@ood/datasets';
import { formatTable, type Io, writeJson } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { fileProgress, formatBytes } from './file-progress.ts';
import { type DatasetsContext, findEntry, openStore } from './find-entry.ts';

export interface VerifyOptions {
  /** Empty: all. */
  readonly names: readonly string[];
  readonly json: boolean;
}

/** Reads every file that is there and compares it; the first wrong one, or a named set without files, is the error. */
export async function runVerify(
  options: VerifyOptions,
  io: Io,
  context: DatasetsContext = {},
): Promise<void> {
  const { entries = catalog } = context;
  const asked = options.names.length === 0 ? entries : options.names.map(name => findEntry(name, context));
  const store = openStore(io);
  const { handlers, finish } = fileProgress(io, { silent: options.json });
  const files = [];
  for (const entry of asked) {
    if ((await store.status(entry)).every(({ state }) => state === 'missing' || state === 'partial')) {
      if (options.names.length === 0) continue;
      throw new CliError('FILE_NOT_FOUND', {
        where: entry.name,
        expected: `files in ${store.folder(entry)} to verify`,
        got: 'none',
        advice: `\`ood datasets download ${entry.name}\` gets them`,
      });
    }
    for (const { file, path, against, checksums } of await store.verify(entry, handlers)) {
      files.push({ dataset: entry.name, file: file.name, path, against, ...checksums });
    }
    finish();
  }
  if (options.json) {
    const rows = files.map(({ dataset, path, against, bytes, md5, sha256 }) => ({
      dataset,
      path,
      against,
      bytes,
      md5,
      sha256,
    }));
    writeJson(io, { files: rows });
    return;
  }
  if (files.length === 0) {
    io.stderr.write('nothing to verify: no files here\n');
    return;
  }
  const table = formatTable(
    [
      { title: 'data set', align: 'left' },
      { title: 'file', align: 'left' },
      { title: 'size' },
      { title: 'agrees with', align: 'left' },
      { title: 'sha256', align: 'left' },
    ],
    files.map(({ dataset, file, bytes, against, sha256 }) => [
      dataset,
      file,
      formatBytes(bytes),
      against === 'first use' ? 'nothing yet: pinned now' : against,
      sha256,
    ]),
  );
  io.stdout.write(`${table}\n`);
}
