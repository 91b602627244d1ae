/** Bytes that are read where they are needed: an open file, a part of an archive, a buffer. */
export interface ByteRanges {
  readonly size: number;
  /** Exactly these bytes; rejects where there are fewer. */
  read(start: number, length: number): Promise<Uint8Array>;
}
