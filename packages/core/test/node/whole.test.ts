import { type ChildProcess, execFile, spawnSync } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWholeFile,
  recoverWholeFolder,
  writeWholeFile,
  writeWholeFolder,
} from '../../src/node/index.ts';
import { thisProcess } from '../../src/node/process-identity.ts';
import { temporaryPath } from '../../src/node/writing/temporary-path.ts';

let root: string;
let child: string;
let folder: string;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ood-whole-'));
  child = join(root, 'write.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./children/write.ts', import.meta.url))],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
beforeEach(async () => {
  folder = join(root, `case-${count++}`);
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true }));

/** Runs the child to its end; null where it was killed. */
const run = (...args: string[]) => spawnSync(process.execPath, [child, ...args], { encoding: 'utf8' });

const text = (path: string) => readFile(path, 'utf8').catch(() => undefined);
const textsIn = async (path: string) => [await text(join(path, 'a')), await text(join(path, 'b'))];

/** For every change to the file system that a child makes: a fresh case in which it is killed before it. */
async function killedAtEveryStep(
  action: string,
  prepare: (path: string) => Promise<void>,
  check: (path: string) => Promise<void>,
): Promise<number> {
  for (let step = 0; ; step++) {
    const path = join(folder, String(step), 'out');
    await mkdir(join(folder, String(step)));
    await prepare(path);
    const { status, stdout } = run(action, path, 'new', String(step));
    expect(stdout).toBe('');
    await check(path);
    if (status === 0) return step;
  }
}

describe('a writer that is killed before any of its steps', () => {
  it('leaves the old file or the new one whole, and its leftovers to the next writer', async () => {
    const steps = await killedAtEveryStep(
      'file',
      path => writeFile(path, 'old'),
      async path => {
        expect(['old', 'newnewnew']).toContain(await text(path));
        await writeWholeFile(path, 'next');
        expect(await readdir(join(path, '..'))).toEqual(['out']);
      },
    );
    expect(steps).toBeGreaterThan(5);
  });

  it('leaves nothing or the new file where none was', async () => {
    await killedAtEveryStep(
      'new-file',
      async () => undefined,
      async path => {
        expect([undefined, 'newnewnew']).toContain(await text(path));
        await writeWholeFile(path, 'next');
        expect(await readdir(join(path, '..'))).toEqual(['out']);
      },
    );
  });

  it.each(['recoverWholeFolder', 'the next writer'])(
    'leaves a folder that %s finds old or new, never mixed or missing',
    async who => {
      const steps = await killedAtEveryStep(
        'folder',
        async path => {
          await mkdir(path);
          for (const name of ['a', 'b']) await writeFile(join(path, name), 'old');
        },
        async path => {
          if (who === 'recoverWholeFolder') await recoverWholeFolder(path);
          else
            await writeWholeFolder(path, async () => {
              throw new Error('stopped');
            }).catch(() => undefined);
          expect([
            ['old', 'old'],
            ['new', 'new'],
          ]).toContainEqual(await textsIn(path));
          await writeWholeFolder(path, into => writeFile(join(into, 'c'), ''), { replace: true });
          expect(await readdir(join(path, '..'))).toEqual(['out']);
          expect(await readdir(path)).toEqual(['c']);
        },
      );
      expect(steps).toBeGreaterThan(8);
    },
  );
});

describe('writers at once', () => {
  /** Starts one child for each word and awaits all: their outputs. */
  const together = (action: string, path: string, words: readonly string[]) =>
    Promise.all(
      words.map(
        word =>
          new Promise<string>(resolve => {
            const started: ChildProcess = execFile(process.execPath, [child, action, path, word], (_, out) =>
              resolve(out),
            );
            expect(started.pid).toBeDefined();
          }),
      ),
    );
  const words = ['p', 'q', 'r', 's'].map(letter => letter.repeat(100_000));

  it('of one file leave one of theirs, whole', async () => {
    const path = join(folder, 'out');
    expect(await together('file', path, words)).toEqual(['', '', '', '']);
    expect(words.map(word => word.repeat(3))).toContain(await text(path));
    expect(await readdir(folder)).toEqual(['out']);
  });

  it.each(['new-file', 'new-folder'])('of one %s let one win', async action => {
    const outputs = await together(action, join(folder, 'out'), words);
    expect(outputs.toSorted()).toEqual(['', 'FILE_EXISTS', 'FILE_EXISTS', 'FILE_EXISTS']);
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('of one folder leave one of theirs, whole', async () => {
    const path = join(folder, 'out');
    expect(await together('folder', path, words)).toEqual(['', '', '', '']);
    const [a, b] = await textsIn(path);
    expect(a).toBe(b);
    expect(words).toContain(a);
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('do not remove what another one of this process is writing', async () => {
    const path = join(folder, 'out');
    const slow = await createWholeFile(path);
    await slow.write('slow');
    await writeWholeFile(path, 'fast');
    expect(await text(path)).toBe('fast');
    await slow.commit();
    expect(await text(path)).toBe('slow');
  });
});

describe('leftovers', () => {
  const leftover = async (rename: (name: string) => string) => {
    const name = rename(basename(temporaryPath(join(folder, 'out'))));
    await writeFile(join(folder, name), '');
    await writeWholeFile(join(folder, 'out'), '');
    return (await readdir(folder)).includes(name);
  };
  const { pid, start } = thisProcess();

  it('of a process that has ended go', async () => {
    const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
    expect(await leftover(name => name.replace(`-${pid}-`, `-${ended}-`))).toBe(false);
  });

  it.skipIf(start === '')('of an earlier process of the same number go', async () => {
    expect(await leftover(name => name.replace(`-${start}-`, '-1-'))).toBe(false);
  });

  it('of this process, another machine or another file stay', async () => {
    expect(await leftover(name => name)).toBe(true);
    expect(await leftover(name => name.replace(/[0-9a-f]{8}-\d+/, '00000000-999999999'))).toBe(true);
    expect(await leftover(name => name.replace('out.', 'out.b.').replace(`-${pid}-`, '-999999999-'))).toBe(
      true,
    );
  });
});

describe('writeWholeFile', () => {
  it.each([
    ['a text', 'äb'],
    ['bytes', Buffer.from('äb')],
    ['parts', ['ä', Buffer.from('b')]],
    [
      'parts that come by and by',
      (async function* () {
        yield 'ä';
        yield 'b';
      })(),
    ],
  ])('writes %s, making folders', async (_, content) => {
    const path = join(folder, 'x', 'y', 'out');
    await writeWholeFile(path, content);
    expect(await text(path)).toBe('äb');
    expect(await readdir(join(folder, 'x', 'y'))).toEqual(['out']);
  });

  it('leaves the old file and nothing else where its content fails', async () => {
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    const content = (async function* () {
      yield 'new';
      throw new Error('the source broke');
    })();
    await expect(writeWholeFile(path, content)).rejects.toThrow('the source broke');
    expect(await text(path)).toBe('old');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('writes through a link, and keeps the permissions of what it replaces', async () => {
    const path = join(folder, 'real');
    await writeFile(path, 'old');
    await chmod(path, 0o640);
    await symlink('real', join(folder, 'link'));
    await writeWholeFile(join(folder, 'link'), 'new');
    expect(await text(path)).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'real']);
  });

  it('does not change other names of the file that it replaces', async () => {
    await writeFile(join(folder, 'out'), 'old');
    await link(join(folder, 'out'), join(folder, 'kept'));
    await writeWholeFile(join(folder, 'out'), 'new');
    expect(await text(join(folder, 'kept'))).toBe('old');
  });

  it('takes names as long as the file system does, and says so of longer ones', async () => {
    await writeWholeFile(join(folder, 'n'.repeat(255)), 'x');
    await expect(writeWholeFile(join(folder, 'n'.repeat(256)), 'x')).rejects.toMatchObject({
      code: 'NAME_TOO_LONG',
      kind: 'environment',
    });
  });

  it.each([
    ['NOT_A_FILE', 'a folder', '.', {}],
    ['NOT_A_FILE', 'a device', '/dev/null', {}],
    ['NOT_A_FOLDER', 'a path below a file', 'file/out', {}],
    ['FILE_EXISTS', 'a file, without overwrite', 'file', { overwrite: false }],
  ])('refuses with %s: %s', async (code, _, name, options) => {
    await writeFile(join(folder, 'file'), 'old');
    const path = name.startsWith('/') ? name : join(folder, name);
    await expect(writeWholeFile(path, 'new', options)).rejects.toMatchObject({ code });
    expect(await text(join(folder, 'file'))).toBe('old');
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('a file in the making', () => {
  it('says how long it is, and refuses what comes after its end', async () => {
    const file = await createWholeFile(join(folder, 'out'));
    await file.write('äb');
    expect(file.bytesWritten).toBe(3);
    await file.commit();
    await file.discard();
    expect(await text(join(folder, 'out'))).toBe('äb');
    await expect(file.write('c')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(file.commit()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('is gone when it is discarded', async () => {
    const file = await createWholeFile(join(folder, 'out'));
    await file.write('ab');
    await file.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not replace what came meanwhile, without overwrite', async () => {
    const file = await createWholeFile(join(folder, 'out'), { overwrite: false });
    await writeFile(join(folder, 'out'), 'other');
    await expect(file.commit()).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await text(join(folder, 'out'))).toBe('other');
    expect(await readdir(folder)).toEqual(['out']);
  });
});

describe('writeWholeFolder', () => {
  const fill = (into: string) => writeFile(join(into, 'a'), 'new');

  it('returns what was returned, takes an empty folder, and makes those above', async () => {
    await mkdir(join(folder, 'empty'));
    for (const path of [join(folder, 'empty'), join(folder, 'x', 'y')]) {
      expect(await writeWholeFolder(path, into => fill(into).then(() => 7))).toBe(7);
      expect(await text(join(path, 'a'))).toBe('new');
    }
  });

  it('leaves the old one and nothing else where it fails', async () => {
    await writeWholeFolder(join(folder, 'out'), fill);
    const failing = writeWholeFolder(
      join(folder, 'out'),
      async into => {
        await writeFile(join(into, 'b'), '');
        throw new Error('broken');
      },
      { replace: true },
    );
    await expect(failing).rejects.toThrow('broken');
    expect(await readdir(folder)).toEqual(['out']);
    expect(await readdir(join(folder, 'out'))).toEqual(['a']);
  });

  it.each([
    ['FILE_EXISTS', 'a folder with files', 'full', {}],
    ['NOT_A_FOLDER', 'a file', 'full/file', { replace: true }],
    ['NOT_A_FOLDER', 'a path below a file', 'full/file/out', {}],
  ])('refuses with %s: %s', async (code, _, name, options) => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'file'), 'old');
    await expect(writeWholeFolder(join(folder, name), fill, options)).rejects.toMatchObject({ code });
    expect(await text(join(folder, 'full', 'file'))).toBe('old');
    expect(await readdir(folder)).toEqual(['full']);
  });
});
