import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type FuzzTarget, fuzzCase, fuzzTargets } from './support/fuzz.ts';
import { tempFolder } from './support/temp-folder.ts';

/** For a longer run: OOD_FUZZ_SECONDS=600. Shared by the readers. */
const SECONDS = Number(process.env.OOD_FUZZ_SECONDS ?? 20);
/** Where a longer run begins, so that it does not repeat the shorter one: OOD_FUZZ_FROM=100000. */
const FROM = Number(process.env.OOD_FUZZ_FROM ?? 0);
const FEWEST = 40;
/** Longest that any one file may take, in ms. */
const PATIENCE = 10_000;

const root = tempFolder();
const folder = join(root, 'out');
mkdirSync(folder);

/** Reads `bytes`: it must end in time, with success or a typed error, and leave nothing but the target behind. */
async function survives(target: FuzzTarget, bytes: Uint8Array): Promise<'read' | 'refused'> {
  const out = join(folder, 'out');
  const scratch = join(root, 'scratch', target.name.replaceAll(/\W/g, '-'));
  mkdirSync(scratch, { recursive: true });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${target.name}: still reading after ${PATIENCE} ms`)),
      PATIENCE,
    );
  });
  try {
    await Promise.race([target.read(bytes, { out, scratch }), late]);
    return 'read';
  } catch (error) {
    if (!isOodError(error)) throw error;
    expect(error.message).toMatch(/: expected [\s\S]+, got [\s\S]+/);
    expect(existsSync(out)).toBe(false);
    return 'refused';
  } finally {
    clearTimeout(timer);
    rmSync(out, { recursive: true, force: true });
    expect(readdirSync(folder)).toEqual([]);
  }
}

const counts: Record<string, { tries: number; refused: number }> = {};
afterAll(() => {
  // For a person who runs it longer: what was tried.
  if (process.env.OOD_FUZZ_SECONDS !== undefined) process.stdout.write(`${JSON.stringify(counts)}\n`);
});

describe.each(fuzzTargets)('the reader of $name', target => {
  it('reads the good file', async () => {
    const { good, seal = (bytes: Buffer) => bytes } = target;
    expect(await survives(target, seal(good))).toBe('read');
  });

  const share = (1000 * SECONDS) / fuzzTargets.length;
  it('gives typed errors only, and ends, on damaged files', { timeout: share + 60_000 }, async () => {
    const before = process.memoryUsage().rss;
    const end = Date.now() + share;
    let tries = 0;
    let refused = 0;
    for (; Date.now() < end || tries < FEWEST; tries++) {
      try {
        if ((await survives(target, fuzzCase(target, FROM + tries))) === 'refused') refused += 1;
      } catch (error) {
        throw new Error(`fuzzCase(${target.name}, ${FROM + tries})`, { cause: error });
      }
    }
    counts[target.name] = { tries, refused };
    // A partial download that makes no sense is begun anew, not refused.
    if (target.name !== 'state of a partial download') expect(refused).toBeGreaterThan(tries / 20);
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
