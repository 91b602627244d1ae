import { multiPictures, pngFrames } from './several-pictures.ts';

/** What the first bytes of an image say, as far as they are cheap to read. */
export interface ImageHeader {
  readonly format: 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif' | 'bmp';
  /** Absent where reading it needs a decoder. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Color components per pixel, known for JPEG only. */
  readonly components?: number;
  /** Frames of an APNG, pictures of an MPO; absent where a decoder has to count. */
  readonly pictures?: number;
}

/** Recognises an image by its first bytes, without decoding it; `null` if the format is not one of ours. */
export function probeImage(bytes: Uint8Array): ImageHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (text: string, at = 0) =>
    bytes.length >= at + text.length && [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  if (starts('\xff\xd8\xff')) return { format: 'jpeg', ...jpegFrame(view) };
  if (starts('\x89PNG\r\n\x1a\n'))
    return bytes.length < 24
      ? { format: 'png', pictures: 1 }
      : {
          format: 'png',
          size: { width: view.getUint32(16), height: view.getUint32(20) },
          pictures: pngFrames(view),
        };
  if (starts('GIF8'))
    return bytes.length < 10
      ? { format: 'gif' }
      : { format: 'gif', size: { width: view.getUint16(6, true), height: view.getUint16(8, true) } };
  if (starts('RIFF') && starts('WEBP', 8)) return { format: 'webp' };
  if (starts('II*\0') || starts('MM\0*') || starts('II+\0') || starts('MM\0+')) return { format: 'tiff' };
  if (starts('ftyp', 4) && (starts('avif', 8) || starts('avis', 8))) return { format: 'avif' };
  if (starts('BM'))
    return bytes.length < 26
      ? { format: 'bmp' }
      : {
          format: 'bmp',
          size: { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) },
        };
  return null;
}

function jpegFrame(view: DataView): Pick<ImageHeader, 'size' | 'components' | 'pictures'> {
  let at = 2;
  let pictures = 1;
  while (at + 10 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return {};
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame)
      return {
        size: { width: view.getUint16(at + 7), height: view.getUint16(at + 5) },
        components: view.getUint8(at + 9),
        pictures,
      };
    const length = view.getUint16(at + 2);
    if (marker === APP2 && length > 2 && at + 2 + length <= view.byteLength)
      pictures = Math.max(
        pictures,
        multiPictures(new DataView(view.buffer, view.byteOffset + at + 4, length - 2)),
      );
    at += 2 + length;
  }
  return {};
}

const APP2 = 0xe2;
