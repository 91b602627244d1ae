import {
  arrayFromBytes,
  bytesPerElement,
  type DenseArray,
  decodeNpy,
  elementCount,
  readNpyHeader,
  swapBytes,
} from '@ood/core';
import { openPlainFile, type PlainFile } from '@ood/core/node';
import { batchOfArrays, differentRows } from './array-rows.ts';
import type { FeatureFile, FeatureFiles } from './contract.ts';
import { scalar } from './rows-of.ts';

interface NpyRows {
  readonly shape: readonly number[];
  readRows(start: number, end: number): Promise<DenseArray>;
  close(): Promise<void>;
}

/** Features, and perhaps logits and labels, in `.npy` files of equal row counts. @throws as `openFeatureFile` */
export async function openNpyFiles(paths: FeatureFiles): Promise<FeatureFile> {
  const opened: NpyRows[] = [];
  const openOne = async (path: string | undefined) => {
    if (path === undefined) return undefined;
    const file = await openNpyRows(path);
    opened.push(file);
    return file;
  };
  const close = async () => {
    for (const file of opened) await file.close();
  };
  try {
    const features = (await openOne(paths.features))!;
    const logits = await openOne(paths.logits);
    const labels = await openOne(paths.labels);
    const [rows] = features.shape;
    if (rows === undefined) throw scalar(paths.features);
    if (logits && logits.shape[0] !== rows) throw differentRows(paths.logits!, rows, logits.shape[0]);
    if (labels && labels.shape[0] !== rows) throw differentRows(paths.labels!, rows, labels.shape[0]);
    const width = ({ shape }: NpyRows) => elementCount(shape.slice(1));
    return {
      kind: 'npy',
      rows,
      dim: width(features),
      ...(logits && { classes: width(logits) }),
      provenance: null,
      async readRows(start, end) {
        const batch = batchOfArrays(paths, {
          features: await features.readRows(start, end),
          logits: await logits?.readRows(start, end),
          labels: await labels?.readRows(start, end),
        });
        const indices = batch.indices.map(index => index + start);
        return { ...batch, indices, ids: [...indices].map(String) };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openNpyRows(path: string): Promise<NpyRows> {
  const file = await openPlainFile(path, { what: 'a .npy file' });
  try {
    return await rowsIn(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function rowsIn(file: PlainFile, path: string): Promise<NpyRows> {
  const { type, shape, offset, bigEndian, fortranOrder } = await readNpyHeader(file, path);
  if (fortranOrder) return wholeArray(decodeNpy(await file.read(0, file.size), path), file);
  const width = bytesPerElement(type);
  const row = elementCount(shape.slice(1)) * width;
  return {
    shape,
    async readRows(start, end) {
      const bytes = await file.read(offset + start * row, (end - start) * row);
      return arrayFromBytes(
        type,
        [end - start, ...shape.slice(1)],
        bigEndian ? swapBytes(bytes, width) : bytes,
      );
    },
    close: () => file.close(),
  };
}

/** Columns one after the other cannot be read by rows. */
function wholeArray(array: DenseArray, file: PlainFile): NpyRows {
  const row = elementCount(array.shape.slice(1));
  return {
    shape: array.shape,
    readRows: async (start, end) => ({
      ...array,
      shape: [end - start, ...array.shape.slice(1)],
      data: array.data.subarray(start * row, end * row),
    }),
    close: () => file.close(),
  };
}
