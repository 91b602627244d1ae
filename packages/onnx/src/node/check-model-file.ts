import { stat } from 'node:fs/promises';
import { OnnxError } from '../errors.ts';

/** Returns the size of a model file in bytes. @throws OnnxError `FILE_NOT_FOUND`, `EMPTY_FILE` */
export async function checkModelFile(path: string): Promise<number> {
  const file = await stat(path).catch((cause: unknown) => {
    throw notFound(path, 'no such file', cause);
  });
  if (!file.isFile()) throw notFound(path, file.isDirectory() ? 'a folder' : 'not a regular file');
  if (file.size === 0) throw emptyModel(path);
  return file.size;
}

export function emptyModel(where: string): OnnxError {
  return new OnnxError('EMPTY_FILE', { where, expected: 'an ONNX model', got: '0 bytes' });
}

function notFound(path: string, got: string, cause?: unknown): OnnxError {
  return new OnnxError('FILE_NOT_FOUND', {
    where: path,
    expected: 'an ONNX file',
    got,
    details: { path },
    cause,
  });
}
