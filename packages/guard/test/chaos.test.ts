import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportGuard, fitGuard, guardDigest, openGuard } from '../src/index.ts';
import { smallGuard } from './chaos/small-guard.ts';

/** Which calls programs are killed at: some, or with `OOD_CHAOS=all` every one. */
const SOME = 6;
const TIMEOUT = process.env.OOD_CHAOS === 'all' ? 3_600_000 : 600_000;
const isUnix = process.platform !== 'win32';

/** Where the engine is, which only @ood/onnx depends on. */
const engines = join(
  createRequire(import.meta.resolve('@ood/onnx')).resolve('onnxruntime-node/package.json'),
  '../..',
);

let folder = '';
let program = '';
let wanted: { readonly old: string; readonly new: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-chaos-'));
  // Bundled, so that each of the many starts takes a moment.
  program = join(folder, 'program/child.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'chaos/child.ts')],
    outdir: join(folder, 'program'),
    outExtension: { '.js': '.mjs' },
    // What is loaded when it is needed stays apart: it may not be there.
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@ood/source'],
    external: ['onnxruntime-node', 'onnxruntime-web', 'sharp', '@tensorflow/tfjs'],
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
    logLevel: 'silent',
  });
  await fitGuard(join(folder, 'old'), smallGuard({ alpha: 0.1 }));
  await fitGuard(join(folder, 'new'), smallGuard({ alpha: 0.05 }));
  for (const name of ['old', 'new']) await exportGuard(join(folder, name), join(folder, `${name}.onnx`));
  wanted = { old: await guardDigest(join(folder, 'old')), new: await guardDigest(join(folder, 'new')) };
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  fileLimit?: number,
): Promise<Ended> {
  const seam = join(import.meta.dirname, 'chaos/kill-at.mjs');
  const node = [process.execPath, '--import', seam, program, ...args];
  const command =
    fileLimit === undefined ? node : ['sh', '-c', `ulimit -f ${fileLimit}; exec "$@"`, 'sh', ...node];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: folder,
    env: { ...process.env, NODE_PATH: engines, ...env },
  });
  return ended(child);
}

function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', chunk => {
      said[stream] += String(chunk);
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** Calls that a program makes which change the file system. */
async function callsOf(args: readonly string[]): Promise<number> {
  const { code, stderr, stdout } = await start(args, { OOD_COUNT_CALLS: '1' });
  expect([code, stdout, stderr]).toEqual([0, '', expect.stringMatching(/^calls: \d+\n$/)]);
  return Number(/calls: (\d+)/.exec(stderr)![1]);
}

function chosen(calls: number): number[] {
  const all = Array.from({ length: calls }, (_, i) => i + 1);
  if (process.env.OOD_CHAOS === 'all') return all;
  return [...new Set(Array.from({ length: SOME }, (_, i) => all[Math.floor(((i + 0.5) * calls) / SOME)]!))];
}

describe.skipIf(!isUnix)(
  'a program that is killed at any call that changes the file system',
  { timeout: TIMEOUT },
  () => {
    it('making a guard: there is none or the whole one, and the next run gives the undisturbed bytes', async () => {
      const calls = await callsOf(['fit', 'first/guard', '0.05']);
      expect(calls).toBeGreaterThan(15);
      for (const at of chosen(calls)) {
        const place = join(folder, `fresh-${at}`);
        const guard = join(place, 'guard');
        const { signal } = await start(['fit', guard, '0.05'], { OOD_KILL_AT: String(at) });
        expect([at, signal]).toEqual([at, 'SIGKILL']);
        const left = await guardDigest(guard).catch((error: { code: string }) => error.code);
        expect(['FILE_NOT_FOUND', wanted.new], `killed at call ${at} of ${calls}`).toContain(left);
        await fitGuard(guard, smallGuard({ alpha: 0.05, overwrite: true }));
        expect(await guardDigest(guard)).toBe(wanted.new);
        expect(await readdir(place), `after a kill at call ${at}`).toEqual(['guard']);
        await rm(place, { recursive: true });
      }
    });

    it('replacing a guard: the old one or the new one is there, and opens', async () => {
      await cp(join(folder, 'old'), join(folder, 'counted'), { recursive: true });
      const calls = await callsOf(['fit', 'counted', '0.05', 'overwrite']);
      for (const at of chosen(calls)) {
        const place = join(folder, `replaced-${at}`);
        const guard = join(place, 'guard');
        await mkdir(place);
        await cp(join(folder, 'old'), guard, { recursive: true });
        await start(['fit', guard, '0.05', 'overwrite'], { OOD_KILL_AT: String(at) });
        // Opened as anybody would who knows nothing of the kill.
        const opened = await openGuard(guard, { worker: false });
        expect([wanted.old, wanted.new], `killed at call ${at} of ${calls}`).toContain(opened.digest);
        await opened.close();
        // Nothing is left that somebody might wait for.
        expect((await readdir(place)).filter(name => name.endsWith('lock'))).toEqual([]);
        await fitGuard(guard, smallGuard({ alpha: 0.05, overwrite: true }));
        expect(await guardDigest(guard)).toBe(wanted.new);
        expect(await readdir(place), `after a kill at call ${at}`).toEqual(['guard']);
        await rm(place, { recursive: true });
      }
    });

    it('exporting a guard: at every moment the old model or the new one, each with its own report or an older one', async () => {
      await mkdir(join(folder, 'exported'));
      const calls = await callsOf(['export', 'new', 'exported/guard.onnx']);
      const [older, newer] = await Promise.all(
        ['old.onnx', 'new.onnx'].map(name => readFile(join(folder, name))),
      );
      const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      for (const overwrites of [false, true])
        for (const at of chosen(calls)) {
          const place = join(folder, `exported-${overwrites}-${at}`);
          const file = join(place, 'guard.onnx');
          await mkdir(place);
          if (overwrites) await exportGuard(join(folder, 'old'), file);
          await start(['export', 'new', file], { OOD_KILL_AT: String(at) });
          const where = `killed at call ${at} of ${calls}`;
          const left = await readFile(file).catch(() => undefined);
          const said = await readFile(`${file}.parity.json`, 'utf8').catch(() => undefined);
          expect([overwrites ? hash(older!) : undefined, hash(newer!)], where).toContain(left && hash(left));
          // A report never passes for one of a file that it is not of.
          if (said !== undefined)
            expect([hash(older!), hash(newer!)], where).toContain(JSON.parse(said).sha256);
          if (said !== undefined && JSON.parse(said).sha256 === hash(newer!))
            expect(hash(left!), where).toBe(hash(newer!));
          await exportGuard(join(folder, 'new'), file);
          expect((await readFile(file)).equals(newer!)).toBe(true);
          expect(JSON.parse(await readFile(`${file}.parity.json`, 'utf8')).sha256).toBe(hash(newer!));
          expect((await readdir(place)).sort(), `after a kill at call ${at}`).toEqual([
            'guard.onnx',
            'guard.onnx.parity.json',
          ]);
          await rm(place, { recursive: true });
        }
    });
  },
);

describe.skipIf(!isUnix)('two programs', () => {
  it('that make one guard do not tear it: one makes it, the other says so', async () => {
    for (const overwrite of [[], ['overwrite']]) {
      const guard = join(folder, `shared-${overwrite.length}`);
      const both = await Promise.all(
        ['0.05', '0.1'].map(alpha => start(['fit', guard, alpha, ...overwrite])),
      );
      expect(both.map(({ code }) => code)).toContain(0);
      for (const { code, stdout } of both)
        expect([code, stdout]).toEqual([
          code,
          code === 0 ? '' : expect.stringMatching(/^(LOCKED|FILE_EXISTS): /),
        ]);
      expect([wanted.old, wanted.new]).toContain(await guardDigest(guard));
    }
  });

  it('in one process: the second is told that the first is at it', async () => {
    const guard = join(folder, 'same-process');
    const results = await Promise.allSettled([fitGuard(guard, smallGuard()), fitGuard(guard, smallGuard())]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'LOCKED', kind: 'environment' },
    });
    expect(await guardDigest(guard)).toBe(wanted.new);
  });
});

describe.skipIf(!isUnix)('a disk without room', () => {
  it('ends a fit with a typed error, leaves nothing, and the guard that was there', async () => {
    const place = join(folder, 'full');
    await mkdir(place);
    await cp(join(folder, 'old'), join(place, 'guard'), { recursive: true });
    for (const [out, overwrite] of [
      ['guard', ['overwrite']],
      ['other', []],
    ] as const) {
      const { code, stdout } = await start(['fit', join(place, out), '0.05', ...overwrite], {}, 1);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/^DISK_FULL: .*EFBIG/)]);
    }
    expect(await readdir(place)).toEqual(['guard']);
    expect(await guardDigest(join(place, 'guard'))).toBe(wanted.old);
  });
});

/** A file system of one megabyte, for those who may mount one: its refusal is that of a full disk. */
function mountSmall(at: string): boolean {
  if (!isUnix || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at]).status === 0;
}

it('a file system that is full ends a fit and an export with a typed error, and keeps what was there', async context => {
  const place = join(folder, 'small');
  await mkdir(place);
  if (!mountSmall(place)) context.skip('may not mount a small file system');
  try {
    const file = join(place, 'guard.onnx');
    await cp(join(folder, 'old'), join(place, 'guard'), { recursive: true });
    await cp(join(folder, 'old.onnx'), file);
    const before = await readFile(file);
    const names = ['filler', 'guard', 'guard.onnx'];
    // All but a few pages.
    await writeFile(join(place, 'filler'), '').then(() => fillUp(join(place, 'filler'), 3));
    for (const args of [
      ['fit', join(place, 'guard'), '0.05', 'overwrite'],
      ['fit', join(place, 'other'), '0.05'],
      ['export', join(folder, 'new'), file],
      ['export', join(folder, 'new'), join(place, 'other.onnx')],
    ]) {
      const { code, stdout } = await start(args);
      expect([args[0], code, stdout]).toEqual([args[0], 1, expect.stringMatching(/^DISK_FULL: .*ENOSPC/)]);
      expect((await readdir(place)).sort()).toEqual(names);
    }
    expect(await guardDigest(join(place, 'guard'))).toBe(wanted.old);
    expect((await readFile(file)).equals(before)).toBe(true);
    await rm(join(place, 'filler'));
    expect(await start(['fit', join(place, 'guard'), '0.05', 'overwrite'])).toMatchObject({ code: 0 });
    expect(await guardDigest(join(place, 'guard'))).toBe(wanted.new);
  } finally {
    spawnSync('umount', [place]);
  }
});

/** Writes zeros until nothing more fits, and takes so many pages away again. */
async function fillUp(path: string, pages: number): Promise<void> {
  const handle = await open(path, 'w');
  let size = 0;
  const more = async (): Promise<boolean> => {
    try {
      const { bytesWritten } = await handle.write(Buffer.alloc(4096));
      size += bytesWritten;
      return bytesWritten === 4096;
    } catch {
      return false;
    }
  };
  while (await more());
  await handle.truncate(Math.max(0, size - 4096 * pages));
  await handle.close();
}
