/** An 8-bit image: rows from the top, channels interleaved; `data.length` = width · height · channels. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha. */
  readonly channels: number;
  readonly data: Uint8Array;
}
