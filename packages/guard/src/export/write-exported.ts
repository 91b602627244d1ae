import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isOodError } from '@ood/core';
import { createWholeFile, type WholeFile } from '@ood/core/node';
import { encodeModel, type ModelProto, moveToExternalData } from '@ood/onnx';

export interface WriteExportedOptions<Report> {
  /** Looks at the model, under a name that does not count yet, and reports on it. */
  readonly check: (path: string, sha256: string) => Promise<Report>;
  /** Bytes of tensors that one file holds; what is more goes to another beside it. Default: 2 GiB less a little. */
  readonly most?: number;
}

/**
 * Writes a model and, as `<file>.parity.json`, the report on it. Nothing gets its name before all is written whole and checked. Where
 * a kill comes between the two names, the new model lies beside the older report, which names another SHA-256; the next run mends it.
 *
 * @throws CoreError `DISK_FULL` and other refusals of the system; what `check` throws. What was there is then as it was.
 */
export async function writeExported<Report>(
  file: string,
  model: ModelProto,
  { check, most = 0.95 * 2 ** 31 }: WriteExportedOptions<Report>,
): Promise<Report> {
  const made: WholeFile[] = [];
  const create = async (path: string) => {
    const whole = await createWholeFile(path);
    made.push(whole);
    return whole;
  };
  let data: string | undefined;
  let done = false;
  try {
    const { bytes, chunks, name } = inFiles(file, model, most);
    const [whole, said] = [await create(file), await create(`${file}.parity.json`)];
    if (name !== undefined) {
      // Under a name that says its content: the tensors of an older model stay with it until the new one has its name.
      const path = join(dirname(file), name);
      // One of the same content may be the present model's.
      if ((await stat(path).catch(() => undefined)) === undefined) data = path;
      const tensors = await create(path);
      for (const chunk of chunks) await tensors.write(chunk);
      await tensors.commit();
    }
    await whole.write(bytes);
    const report = await check(whole.temporary, createHash('sha256').update(bytes).digest('hex'));
    await said.write(`${JSON.stringify(report, null, 2)}\n`);
    await whole.commit();
    done = true;
    await said.commit();
    await removeOlderData(file, name);
    return report;
  } finally {
    for (const whole of made) await whole.discard();
    if (!done && data !== undefined) await rm(data, { force: true });
  }
}

function inFiles(file: string, model: ModelProto, most: number) {
  const bytes = inOne(model);
  if (bytes !== undefined && bytes.length <= most) return { bytes, chunks: [], name: undefined };
  const location = `${basename(file)}.data`;
  const { chunks } = moveToExternalData(model, { location });
  const sum = createHash('sha256');
  for (const chunk of chunks) sum.update(chunk);
  const name = `${basename(file)}.${sum.digest('hex').slice(0, 16)}.data`;
  return { bytes: encodeModel(moveToExternalData(model, { location: name }).model), chunks, name };
}

function inOne(model: ModelProto): Uint8Array | undefined {
  try {
    return encodeModel(model);
  } catch (error) {
    if (isOodError(error, 'TOO_LARGE')) return undefined;
    throw error;
  }
}

/** Removes the tensors of models that this one replaced. */
async function removeOlderData(file: string, kept: string | undefined): Promise<void> {
  const start = `${basename(file)}.`;
  for (const name of await readdir(dirname(file)).catch(() => []))
    if (name !== kept && name.startsWith(start) && /^[0-9a-f]{16}\.data$/.test(name.slice(start.length)))
      await rm(join(dirname(file), name), { force: true }).catch(() => undefined);
}
