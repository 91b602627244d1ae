import { open } from 'node:fs/promises';
import type { OnnxError } from '../errors.ts';
import { foreignFormat, LOOKED_AT } from '../schema/foreign-formats.ts';

/** The error for a file that is recognisably something else than an ONNX model; undefined for any other. */
export async function foreignFile(path: string): Promise<OnnxError | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (at: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, at);
      return buffer.subarray(0, bytesRead);
    };
    return foreignFormat(path, await read(0), await read(Math.max(0, size - LOOKED_AT)));
  } finally {
    await file.close();
  }
}
