import { readdir, stat } from 'node:fs/promises';
import { systemError } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { foreignFolder } from '../schema/foreign-formats.ts';

/** Returns the size of a model file in bytes. @throws OnnxError `NOT_A_FILE`, `EMPTY_FILE`; CoreError `FILE_NOT_FOUND` … */
export async function checkModelFile(path: string): Promise<number> {
  const file = await stat(path).catch((cause: unknown) => {
    throw systemError(cause, { where: path, expected: 'an ONNX file' });
  });
  if (file.isDirectory()) throw await notAFile(path);
  if (!file.isFile()) {
    const got = 'a pipe, device or socket';
    throw new OnnxError('NOT_A_FILE', { where: path, expected: 'an ONNX file', got, details: { path } });
  }
  if (file.size === 0) throw emptyModel(path);
  return file.size;
}

/** The error for a folder: what it is, or the model in it. */
async function notAFile(path: string): Promise<OnnxError> {
  const names = await readdir(path).catch(() => []);
  const inside = names.filter(name => /\.onnx$|^model\.json$/.test(name)).sort();
  return (
    foreignFolder(path, names) ??
    new OnnxError('NOT_A_FILE', {
      where: path,
      expected: 'an ONNX file',
      got: 'a folder',
      advice:
        inside.length === 0
          ? 'give the path of the file itself'
          : `give the file in it: ${inside.slice(0, 5).join(' or ')}`,
      details: { path },
    })
  );
}

export function emptyModel(where: string): OnnxError {
  return new OnnxError('EMPTY_FILE', { where, expected: 'an ONNX model', got: '0 bytes' });
}
