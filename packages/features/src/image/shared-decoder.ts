import { createHash } from 'node:crypto';
import { type DecodeOptions, decodeImage } from './decode.ts';
import type { PixelImage } from './pixel-image.ts';

/** How long the last image stays at hand unused, in ms. */
const KEPT_MS = 10_000;

/** Decodes images of which several parts are wanted, one after the other: each once. */
export interface SharedDecoder {
  /** As `decodeImage`. The last image stays at hand, for some seconds and beside the budget of pixels. */
  decode(bytes: Uint8Array, options: DecodeOptions): Promise<PixelImage>;
}

/** A decoder that knows an image by the SHA-256 of its bytes. */
export function createSharedDecoder(): SharedDecoder {
  let last: { readonly key: string; readonly image: Promise<PixelImage> } | undefined;
  let forgetting: NodeJS.Timeout | undefined;
  return {
    decode(bytes, options) {
      const key = `${JSON.stringify(options)} ${createHash('sha256').update(bytes).digest('hex')}`;
      if (last?.key === key) {
        forgetting?.refresh();
        return last.image;
      }
      const image = decodeImage(bytes, options);
      const entry = { key, image };
      last = entry;
      // Where it was for lack of room, the next box may find some.
      image.catch(() => {
        if (last === entry) last = undefined;
      });
      clearTimeout(forgetting);
      forgetting = setTimeout(() => {
        last = undefined;
      }, KEPT_MS).unref();
      return image;
    },
  };
}
