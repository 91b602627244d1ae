import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { OnnxError } from '../errors.ts';

/**
 * Returns the path of a plain file that a model refers to: inside the model's folder, or behind a link that stays in there or in the
 * hub cache that the model itself lies in. Such caches (`models--org--name`) keep files under `blobs` and name them by links
 * under `snapshots`.
 *
 * @throws OnnxError `UNSAFE_PATH` for a link that leads elsewhere; `EXTERNAL_DATA` where there is no plain file
 */
export async function resolveExternalFile(modelPath: string, location: string): Promise<string> {
  const where = `${modelPath}, external data ${JSON.stringify(location)}`;
  const folder = dirname(modelPath);
  let path = folder;
  let linked = false;
  for (const part of location.split('/').filter(part => part !== '' && part !== '.')) {
    path = join(path, part);
    const entry = await lstat(path).catch((cause: unknown) => {
      throw missing(where, path, location, cause);
    });
    linked ||= entry.isSymbolicLink();
  }
  if (linked) {
    const link = path;
    path = await realpath(link).catch((cause: unknown) => {
      throw missing(where, link, location, cause);
    });
    const home = await realpath(folder);
    if (!isInside(path, home) && !isInside(path, blobsOf(home))) {
      throw new OnnxError('UNSAFE_PATH', {
        where,
        expected: "a file inside the model's folder, or its hub cache",
        got: `a symbolic link (${link}) that leads out of it`,
        advice: 'copy the file itself into the folder',
        details: { path: link, location },
      });
    }
  }
  if (!(await stat(path)).isFile()) {
    throw new OnnxError('EXTERNAL_DATA', { where, expected: 'a regular file', got: path, details: { path } });
  }
  return path;
}

/** Where the hub cache that a folder is a snapshot in keeps its files. */
function blobsOf(folder: string): string | undefined {
  const match = /^(.*[/\\](?:models|datasets|spaces)--[^/\\]+)[/\\]snapshots[/\\]/.exec(`${folder}${sep}`);
  return match?.[1] === undefined ? undefined : join(match[1], 'blobs');
}

function isInside(path: string, folder: string | undefined): boolean {
  return folder !== undefined && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function missing(where: string, path: string, location: string, cause: unknown): OnnxError {
  return new OnnxError('EXTERNAL_DATA', {
    where,
    expected: `a file ${path}`,
    got: 'none',
    advice: "keep the model's data files beside it",
    details: { path, location },
    cause,
  });
}
