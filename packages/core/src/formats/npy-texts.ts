/** A list of texts as `.npy`: an array of Unicode of one length (`<U…`), as numpy keeps them. */
export function encodeNpyTexts(texts: readonly string[]): Uint8Array {
  const points = texts.map(text => Array.from(text, character => character.codePointAt(0)!));
  const width = Math.max(1, ...points.map(({ length }) => length));
  const header = `{'descr': '<U${width}', 'fortran_order': False, 'shape': (${texts.length},), }`;
  const padded = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + padded + 4 * width * texts.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY')]);
  bytes.set([1, 0, padded & 0xff, padded >> 8], 6);
  bytes.set(new TextEncoder().encode(`${header.padEnd(padded - 1)}\n`), 10);
  const view = new DataView(bytes.buffer, 10 + padded);
  points.forEach((text, row) => {
    text.forEach((point, i) => {
      view.setUint32(4 * (row * width + i), point, true);
    });
  });
  return bytes;
}
