import { Header } from 'tar';

export interface TarPart {
  readonly name: string;
  readonly data?: Uint8Array | string;
  readonly type?:
    | 'File'
    | 'Directory'
    | 'SymbolicLink'
    | 'Link'
    | 'CharacterDevice'
    | 'FIFO'
    | 'ExtendedHeader';
  readonly linkpath?: string;
  /** Size that the header claims, where it lies. */
  readonly size?: number;
}

/** A tar, byte by byte, also one that no honest tool would write. */
export function makeTar(parts: readonly TarPart[], end = true): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, data = '', type = 'File', linkpath, size } of parts) {
    const bytes = Buffer.from(data as Uint8Array);
    const block = Buffer.alloc(512);
    const header = new Header({
      path: name,
      mode: 0o644,
      size: size ?? bytes.length,
      mtime: new Date(0),
      type,
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    header.encode(block, 0);
    blocks.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  if (end) blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

/** A pax record: its own length in decimal, a space, key=value, a newline. */
export function paxRecord(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return length + body;
}
