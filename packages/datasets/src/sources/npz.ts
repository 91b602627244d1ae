import { findEntry } from '../archive/archive.ts';
import { openArchive } from '../archive/open-archive.ts';
import { type BytesInput, bytesSource } from '../bytes/byte-source.ts';
import { type NpyArray, openNpy } from './npy.ts';

export interface NpzOptions {
  /** Largest array in bytes; arrays are decompressed into memory. Default: 2 GiB. */
  readonly maxArrayBytes?: number;
}

/** The arrays of a numpy `.npz` file. */
export interface Npz {
  /** Array names, without `.npy`. */
  readonly names: readonly string[];
  /** An array by name, decompressed into memory. @throws DatasetError `MISSING_ENTRY`. */
  array(name: string): Promise<NpyArray>;
}

/**
 * Opens a `.npz` (a zip of `.npy` files, as `numpy.savez` and `savez_compressed` write it).
 *
 * @throws DatasetError where the zip is damaged or refused.
 */
export async function openNpz(input: BytesInput, { maxArrayBytes = 2 ** 31 }: NpzOptions = {}): Promise<Npz> {
  const archive = await openArchive(input, { maxEntryBytes: maxArrayBytes, maxRatio: 1100 });
  const files = archive.entries.map(entry => entry.name).filter(name => name.endsWith('.npy'));
  return {
    names: files.map(name => name.slice(0, -4)),
    async array(name) {
      const index = findEntry(archive, `${name}.npy`);
      return openNpy(bytesSource(await archive.read(index), `${archive.name}!${name}.npy`));
    },
  };
}
