/**
 * How many frames an animated PNG says it has: `acTL` before the first image data. 1 for any other PNG. (libvips knows no APNG.)
 */
export function pngFrames(view: DataView): number {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    if (type === ACTL) return at + 12 <= view.byteLength ? view.getUint32(at + 8) : 1;
    if (type === IDAT) return 1;
  }
  return 1;
}

const ACTL = 0x6163544c;
const IDAT = 0x49444154;

/** How many pictures, thumbnails left out, the MPF segment of a JPEG lists (CIPA DC-007); 1 for a segment that lists none. */
export function multiPictures(segment: DataView): number {
  // 'MPF\0', then a TIFF header.
  if (segment.byteLength < 12 || segment.getUint32(0) !== 0x4d504600) return 1;
  const little = segment.getUint16(4) === 0x4949;
  const u16 = (at: number) => (at + 2 <= segment.byteLength ? segment.getUint16(at, little) : 0);
  const u32 = (at: number) => (at + 4 <= segment.byteLength ? segment.getUint32(at, little) : 0);
  const directory = 4 + u32(8);
  for (let i = 0; i < u16(directory); i++) {
    const at = directory + 2 + 12 * i;
    if (u16(at) !== MP_ENTRIES) continue;
    const entries = 4 + u32(at + 8);
    const all = Math.min(u32(at + 4) / 16, (segment.byteLength - entries) / 16);
    let pictures = 0;
    for (let entry = 0; entry < all; entry++)
      if ((u32(entries + 16 * entry) & 0xffff00) !== THUMBNAIL) pictures++;
    return Math.max(1, pictures);
  }
  return 1;
}

const MP_ENTRIES = 0xb002;
const THUMBNAIL = 0x010000;
