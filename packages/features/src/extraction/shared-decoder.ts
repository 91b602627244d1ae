import { createHash } from 'node:crypto';
import { type DecodeAudioOptions, decodeAudio } from '../audio/decode-audio.ts';
import type { Waveform } from '../audio/waveform.ts';
import { type DecodeOptions, decodeImage } from '../image/decode.ts';
import type { PixelImage } from '../image/pixel-image.ts';

/** How long the last image or recording stays at hand unused, in ms. */
const KEPT_MS = 10_000;

/** Decodes images and recordings of which several parts are wanted, one after the other: each once. */
export interface SharedDecoder {
  /** As `decodeImage`. The last image stays at hand, for some seconds and beside the budget of pixels. */
  decode(bytes: Uint8Array, options: DecodeOptions): Promise<PixelImage>;
  /** As `decodeAudio`, likewise. */
  decodeAudio(bytes: Uint8Array, options: DecodeAudioOptions): Promise<Waveform>;
}

/** A decoder that knows a file by the SHA-256 of its bytes. */
export function createSharedDecoder(): SharedDecoder {
  return { decode: keepingLast(decodeImage), decodeAudio: keepingLast(decodeAudio) };
}

function keepingLast<Options, T>(
  decode: (bytes: Uint8Array, options: Options) => Promise<T>,
): (bytes: Uint8Array, options: Options) => Promise<T> {
  let last: { readonly key: string; readonly decoded: Promise<T> } | undefined;
  let forgetting: NodeJS.Timeout | undefined;
  return (bytes, options) => {
    const key = `${JSON.stringify(options)} ${createHash('sha256').update(bytes).digest('hex')}`;
    if (last?.key === key) {
      forgetting?.refresh();
      return last.decoded;
    }
    const entry = { key, decoded: decode(bytes, options) };
    last = entry;
    // Where it was for lack of room, the next part may find some.
    entry.decoded.catch(() => {
      if (last === entry) last = undefined;
    });
    clearTimeout(forgetting);
    forgetting = setTimeout(() => {
      last = undefined;
    }, KEPT_MS).unref();
    return entry.decoded;
  };
}
