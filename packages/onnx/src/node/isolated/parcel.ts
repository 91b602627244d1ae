import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemError } from '@ood/core';
import { OnnxError } from '../../errors.ts';
import { leavesFolder } from '../../external-data/reference.ts';
import type { SessionOptions } from '../../session/session.ts';

/** A model as it goes to another process. */
export interface Parcel {
  readonly model: Uint8Array | string;
  readonly options: SessionOptions;
  /** Removes what was written for it. */
  dispose(): Promise<void>;
}

/** Beyond this many bytes, files carry a model and its data better than messages do. */
const LARGEST_MESSAGE = 2 ** 26;

/** Returns the model ready to send; a large one is written to a temporary folder. */
export async function wrapModel(model: Uint8Array | string, options: SessionOptions): Promise<Parcel> {
  const { externalData = {}, ...others } = options;
  const files = Object.entries(externalData);
  const bytes = files.reduce((sum, [, data]) => sum + data.length, model.length);
  const outside = files.find(([location]) => leavesFolder(location));
  if (outside !== undefined) {
    throw new OnnxError('UNSAFE_PATH', {
      where: 'session option externalData',
      expected: "locations inside the model's folder",
      got: JSON.stringify(outside[0]),
    });
  }
  if (typeof model === 'string' || bytes <= LARGEST_MESSAGE)
    return { model, options, dispose: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'ood-onnx-')).catch(refused);
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'model.onnx');
    await writeFile(path, model);
    for (const [location, data] of files) {
      const file = join(folder, location);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, data);
    }
    return { model: path, options: others, dispose };
  } catch (cause) {
    await dispose();
    return refused(cause);
  }
}

function refused(cause: unknown): never {
  throw systemError(cause, { expected: 'room for a copy of the model in the folder of temporary files' });
}
