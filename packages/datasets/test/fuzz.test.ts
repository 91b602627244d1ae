import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FuzzTarget, fuzzCase, fuzzTargets } from './support/fuzz.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = tempFolder();
const RUNS = Number(process.env.OOD_FUZZ_RUNS ?? 100);
const MAX_MS = 5000;

/** Reads `bytes`: it must end in time, with success or a typed error, and leave nothing but the target behind. */
async function survives(target: FuzzTarget, bytes: Uint8Array): Promise<'read' | 'refused'> {
  const out = join(folder, 'out');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${target.name}: still reading after ${MAX_MS} ms`)), MAX_MS);
  });
  try {
    await Promise.race([target.read(bytes, out), late]);
    return 'read';
  } catch (error) {
    if (!isOodError(error)) throw error;
    expect(existsSync(out)).toBe(false);
    return 'refused';
  } finally {
    clearTimeout(timer);
    rmSync(out, { recursive: true, force: true });
    expect(readdirSync(folder)).toEqual([]);
  }
}

describe.each(fuzzTargets)('the reader of $name', target => {
  it('reads the good file', async () => {
    expect(await survives(target, target.good)).toBe('read');
  });

  it(`gives typed errors only, and ends, on ${RUNS} damaged files`, async () => {
    const before = process.memoryUsage().rss;
    let refused = 0;
    for (let run = 0; run < RUNS; run++) {
      try {
        if ((await survives(target, fuzzCase(target, run))) === 'refused') refused += 1;
      } catch (error) {
        throw new Error(`fuzzCase(${target.name}, ${run})`, { cause: error });
      }
    }
    expect(refused).toBeGreaterThan(RUNS / 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * 2 ** 20);
  });

  it('refuses arbitrary bytes, also after a good beginning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.nat(target.good.length), async (noise, keep) => {
        await survives(target, noise);
        await survives(target, Buffer.concat([target.good.subarray(0, keep), noise]));
      }),
      { numRuns: 30 },
    );
  });
});

it('names inside archives never lead outside: any name is refused or stays below the target', async () => {
  const { extractArchive } = await import('../src/index.ts');
  const { makeZip } = await import('./support/make-zip.ts');
  const part = fc.constantFrom(
    '..',
    '.',
    'a',
    'B',
    '',
    '~',
    'C:',
    '%2e%2e',
    '\\',
    '..\\',
    'con',
    ' ',
    '...',
    '\u0000',
    'é',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.constantFrom('/', ''), async (parts, lead) => {
      const out = join(folder, 'out');
      const name = `${lead}${parts.join('/')}/x.png`;
      await extractArchive(makeZip([{ name, data: 'x' }]), out).catch(error => {
        if (!isOodError(error)) throw error;
      });
      expect(readdirSync(folder).filter(entry => entry !== 'out')).toEqual([]);
      const escaped =
        parts.includes('..') || lead === '/' || parts.some(p => p.includes('\\') || p === '\u0000');
      if (escaped || name.startsWith('/')) expect(existsSync(out)).toBe(false);
      rmSync(out, { recursive: true, force: true });
    }),
    { numRuns: 200 },
  );
});
