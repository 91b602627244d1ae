/** Assembles adam.wat into packages/flows/src/optimizer/kernel-bytes.ts. Same source, same bytes: `npm install && npm run build`. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import loadWabt from 'wabt';

const source = await readFile(new URL('./adam.wat', import.meta.url));
const wabt = await loadWabt();
const module = wabt.parseWat('adam.wat', source, { simd: true });
module.validate();
const { buffer } = module.toBinary({});

const lines = Buffer.from(buffer)
  .toString('base64')
  .match(/.{1,100}/g);
const text = `// Made from tooling/optimizer-kernel/adam.wat by its build.mjs; do not edit.

/** SHA-256 of the source the bytes were assembled from. */
export const kernelSourceHash = '${createHash('sha256').update(source).digest('hex')}';

/** The assembled module, base64: ${buffer.length} bytes. */
export const kernelBase64 =
${lines.map(line => `  '${line}'`).join(' +\n')};
`;
await writeFile(new URL('../../packages/flows/src/optimizer/kernel-bytes.ts', import.meta.url), text);
