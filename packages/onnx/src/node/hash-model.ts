import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { externalLocations } from '../external-data/external-data.ts';
import { checkModelFile } from './check-model-file.ts';
import { resolveExternalFile } from './external-file.ts';
import { readFailed } from './file-errors.ts';
import { readModel } from './model-file.ts';
import { hashTfjsModel } from './tfjs-model.ts';

export interface ModelHash {
  /** In hex; of the file, or, where it keeps tensors in other files, of the digests of all in order of their names. */
  readonly sha256: string;
  /** Size of all files together. */
  readonly bytes: number;
}

/** Returns a digest that changes with any byte of the model, its external data included. */
export async function hashModel(path: string): Promise<ModelHash> {
  const tfjs = await hashTfjsModel(path);
  if (tfjs) return tfjs;
  const model = await readModel(path, { externalData: 'keep' });
  const locations = externalLocations(model).sort();
  const own = { digest: await digestFile(path), bytes: await checkModelFile(path) };
  if (locations.length === 0) return { sha256: own.digest, bytes: own.bytes };
  const all = createHash('sha256').update(own.digest);
  let bytes = own.bytes;
  for (const location of locations) {
    const file = await resolveExternalFile(path, location);
    all.update(`\n${location} ${await digestFile(file)}`);
    bytes += await checkModelFile(file);
  }
  return { sha256: all.digest('hex'), bytes };
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }))
      hash.update(chunk as Buffer);
  } catch (cause) {
    throw readFailed(path, cause);
  }
  return hash.digest('hex');
}
