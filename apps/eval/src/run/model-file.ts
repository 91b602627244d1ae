import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { downloadFile, openGlyphsBackbone } from '@ood/datasets';
import { BenchmarkError } from '../errors.ts';
import type { ModelSource } from '../tasks/task.ts';
import { hashFile } from './hash-file.ts';
import type { PrepareOptions } from './prepare-options.ts';

/** The file of a model; one with an address is downloaded into the run's folder, and verified. */
export async function modelFile(
  source: ModelSource,
  { base, out, signal, onProgress }: PrepareOptions,
): Promise<string> {
  if ('glyphs' in source) return (await openGlyphsBackbone()).path;
  if ('file' in source) {
    const path = resolve(base, source.file);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
    throw new BenchmarkError('FILE_NOT_FOUND', {
      where: path,
      expected: 'the model of the task',
      got: 'no such file',
      advice: source.howTo ?? 'put it there, or correct the path in the task',
    });
  }
  const { url, sha256, bytes } = source;
  const path = join(out, 'models', `${sha256}.onnx`);
  if ((await stat(path).catch(() => undefined))?.isFile() && (await hashFile(path, signal)) === sha256)
    return path;
  await downloadFile({ urls: [url], sha256, ...(bytes !== undefined && { bytes }) }, path, {
    signal,
    onProgress: ({ done, total }) =>
      onProgress?.({ stage: 'download', part: url, done, ...(total !== undefined && { total }) }),
  });
  return path;
}
