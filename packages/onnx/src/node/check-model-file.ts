import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { savedModelFolder } from '../schema/foreign-formats.ts';

/** Returns the size of a model file in bytes. @throws OnnxError `NOT_A_FILE`, `EMPTY_FILE`; CoreError `FILE_NOT_FOUND` … */
export async function checkModelFile(path: string): Promise<number> {
  const file = await stat(path).catch((cause: unknown) => {
    throw systemError(cause, { where: path, expected: 'an ONNX file' });
  });
  if (file.isDirectory() && (await stat(join(path, 'saved_model.pb')).catch(() => undefined)))
    throw savedModelFolder(path);
  if (!file.isFile()) {
    const got = file.isDirectory() ? 'a folder' : 'a pipe, device or socket';
    throw new OnnxError('NOT_A_FILE', { where: path, expected: 'an ONNX file', got, details: { path } });
  }
  if (file.size === 0) throw emptyModel(path);
  return file.size;
}

export function emptyModel(where: string): OnnxError {
  return new OnnxError('EMPTY_FILE', { where, expected: 'an ONNX model', got: '0 bytes' });
}
