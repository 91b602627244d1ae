import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@ood/core';
import { glyphSamples, openGlyphs, openGlyphsBackbone } from '@ood/datasets';
import type { Results } from '@ood/eval';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';
import { startOod } from './start-ood.ts';

/** Kills a command: `all` at every call that changes the file system, a number at so many of them. Default: 1. */
const KILLS = process.env.OOD_CHAOS ?? '1';
const killAt = new URL('./children/kill-at.mjs', import.meta.url).href;

/** The command without its supervisor, which has no part in what is written. */
const unsupervised = fileURLToPath(new URL('../src/command-process.ts', import.meta.url));

let cwd = '';
let model = '';
const server = createServer((request, response) => {
  const body = Buffer.alloc(200_000, request.url);
  response.writeHead(200, { 'content-length': body.length }).end(body);
});
/** A command in this process: fast, and not to be killed. */
const ood = async (folder: string, args: readonly string[]) => {
  const { io, written } = memoryIo({ cwd: folder });
  expect(await main(args, io), written.stderr).toBe(EXIT.ok);
};

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-chaos-'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  model = (await openGlyphsBackbone()).path;
  const { train, validation } = await openGlyphs();
  for (const [folder, set, step] of [
    ['start/train', train, 40],
    ['start/unseen', validation, 20],
  ] as const) {
    await mkdir(join(cwd, folder), { recursive: true });
    const samples = glyphSamples(set);
    for (let i = 0; i < samples.length; i += step) {
      const { data, width, height } = (await samples.read(i)).pixels;
      await sharp(data, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(join(cwd, folder, `${i}.png`));
    }
  }
  const start = join(cwd, 'start');
  const about = ['--model', model, '--preprocess', 'mnist'];
  await ood(start, [
    'fit',
    ...about,
    '--images',
    'train',
    '--calibrate',
    'unseen',
    '--detector',
    'msp',
    '--out',
    'given',
  ]);
  await mkdir(join(start, 'sets'));
  for (const [images, set] of [
    ['train', 'id-train'],
    ['unseen', 'id-test'],
    ['unseen', 'ood-same'],
  ] as const)
    await ood(start, ['extract', ...about, '--images', images, '--out', `sets/${set}.arrow`]);
});
afterAll(async () => {
  server.close();
  await rm(cwd, { recursive: true, force: true });
});

/**
 * All files of a folder, and their hashes. The path of the folder itself does not count, nor do locks: those of processes that
 * are gone, the next one takes over.
 */
async function hashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter(name => !name.endsWith('lock')).sort();
  const entries = names.map(async name => {
    const path = join(folder, name);
    return (await stat(path)).isDirectory() ? [] : [[name, await hashOf(path, folder)] as const];
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

async function hashOf(path: string, folder: string): Promise<string> {
  const text = (await readFile(path, 'latin1')).replaceAll(folder, '');
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

interface Command {
  readonly name: string;
  readonly args: () => readonly string[];
  readonly env?: () => Record<string, string>;
  readonly program?: string;
  /** What of the outcome must be the same. Default: all files. */
  readonly outcome?: (folder: string) => Promise<unknown>;
}

const withoutCosts = async (folder: string) => {
  const { detectors }: Results = JSON.parse(await readFile(join(folder, 'run/results.json'), 'utf8'));
  return [Object.keys(await hashes(folder)), detectors.map(({ detector, sets }) => [detector, sets])];
};
const about = () => ['--model', model, '--preprocess', 'mnist'];
const data = ['train', 'unseen', 'given', 'sets'];

const fit = (...rest: readonly string[]) => [
  'fit',
  ...about(),
  '--images',
  'train',
  '--calibrate',
  'unseen',
  ...rest,
];

const commands: readonly Command[] = [
  { name: 'score', args: () => ['score', '--guard', 'given', '--images', 'unseen', '--out', 'scores.csv'] },
  { name: 'extract', args: () => ['extract', ...about(), '--images', 'train', '--out', 'features.arrow'] },
  { name: 'export', args: () => ['export', '--guard', 'given', '--out', 'guard.onnx'] },
  {
    name: 'fit',
    args: () => fit('--detector', 'msp', '--out', 'guard'),
  },
  {
    name: 'fit --overwrite',
    args: () => fit('--detector', 'max-logit', '--overwrite', '--out', 'given'),
  },
  {
    name: 'eval',
    args: () => ['eval', 'sets', '--detectors', 'msp,mahalanobis++', '--out', 'run'],
    outcome: withoutCosts,
  },
  {
    name: 'datasets download',
    args: () => [],
    program: fileURLToPath(new URL('./children/download.ts', import.meta.url)),
    env: () => ({ OOD_HOME: 'home', DATASET: JSON.stringify(dataset()) }),
    outcome: async folder => {
      const path = join(folder, 'home/datasets/small');
      // Times of files are those of the run.
      const pins = (await readFile(join(path, 'checksums.json'), 'utf8')).replaceAll(
        /"mtimeMs": [\d.]+/g,
        '',
      );
      return { ...(await hashes(path)), 'checksums.json': pins };
    },
  },
];

function dataset() {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const texts = {
    title: 'T',
    description: 'D',
    license: 'L',
    citation: 'C',
    homepage: 'https://h/',
    usage: 'U',
  };
  const files = ['a', 'b'].map(name => ({
    name,
    urls: [`${url}/${name}`],
    format: 'text',
    bytes: 200_000,
    sha256: createHash('sha256')
      .update(Buffer.alloc(200_000, `/${name}`))
      .digest('hex'),
  }));
  const splits = { test: { samples: 2, layout: { kind: 'archive', archive: 'a', classes: 'none' } } };
  return { ...texts, name: 'small', files, splits, overlaps: [], unverified: [] };
}

/** Which calls of so many a command is killed at. */
function chosen(calls: number, seed: string): number[] {
  const every = Array.from({ length: calls }, (_, i) => i + 1);
  if (KILLS === 'all') return every;
  const random = createRandom(1, seed);
  const most = Math.min(Number(KILLS), calls);
  // The last call too where there is more than one.
  const inner = new Set<number>(most > 1 ? [calls] : []);
  while (inner.size < most) inner.add(1 + random.below(calls));
  return [...inner].sort((a, b) => a - b);
}

describe.skipIf(process.platform === 'win32')(
  'a command that is killed at any call to the file system',
  () => {
    // By default one of each kind of output: a file, a store, a folder that is replaced, two files.
    const some = ['score', 'extract', 'fit --overwrite', 'export'];
    const tried = commands.filter(({ name }) => process.env.OOD_CHAOS !== undefined || some.includes(name));
    it.each(tried)('leaves what the next run makes whole: $name', async command => {
      const { name, args, env, program = unsupervised, outcome = hashes } = command;
      const run = async (folder: string, more: Record<string, string>) => {
        const preload = [killAt];
        return startOod(args(), {
          cwd: folder,
          env: { ...env?.(), ...more, KILL_ALONE: '1' },
          preload,
          program,
        }).ended;
      };
      const fresh = async (folder: string) => {
        await mkdir(join(cwd, folder), { recursive: true });
        for (const part of data)
          await cp(join(cwd, 'start', part), join(cwd, folder, part), { recursive: true });
        return join(cwd, folder);
      };
      const work = name.replaceAll(/\W+/g, '-');
      const undisturbed = await fresh(`${work}-undisturbed`);
      const into = join(cwd, `${work}-calls`);
      const first = await run(undisturbed, { COUNT_INTO: into });
      expect(first, first.stderr).toMatchObject({ code: EXIT.ok });
      const calls = Number(await readFile(into, 'utf8'));
      expect(calls).toBeGreaterThan(2);
      const right = await outcome(undisturbed);
      for (const call of chosen(calls, name)) {
        const folder = await fresh(`${work}-${call}`);
        const killed = await run(folder, { KILL_AT: String(call) });
        // Calls vary by a few from run to run: one that ends before is whole.
        if (killed.code !== EXIT.ok)
          expect(killed.signal, `${name}, killed at call ${call} of ${calls}: ${killed.stderr}`).toBe(
            'SIGKILL',
          );
        const again = await run(folder, {});
        const where = `${name}, after a kill at call ${call} of ${calls}: ${again.stderr}`;
        // One that was killed after its last write had made the guard, which the next run does not replace unasked.
        if (again.code !== EXIT.usage || name !== 'fit')
          expect(again, where).toMatchObject({ code: EXIT.ok });
        expect(await outcome(folder), where).toEqual(right);
        await rm(folder, { recursive: true });
      }
    });
  },
);

describe.skipIf(process.platform === 'win32')('two commands with one --out', () => {
  it.each<[string, () => readonly string[], string]>([
    ['score', () => ['score', '--guard', 'given', '--images', 'unseen'], 'twice.csv'],
    ['extract', () => ['extract', ...about(), '--images', 'train'], 'twice.arrow'],
    ['export', () => ['export', '--guard', 'given'], 'twice.onnx'],
    [
      'fit',
      () => ['fit', ...about(), '--images', 'train', '--calibrate', 'unseen', '--detector', 'msp'],
      'twice',
    ],
  ])('%s: none is torn', async (name, args, out) => {
    const start = join(cwd, 'start');
    const alone = `alone-${out}`;
    await ood(start, [...args(), '--out', alone]);
    const both = await Promise.all(
      [1, 2].map(() => startOod([...args(), '--out', out], { cwd: start }).ended),
    );
    for (const { code, stderr } of both)
      if (code !== EXIT.ok) expect(stderr).toMatch(/^error: .*: expected .*, got .*; /m);
    expect(both.map(({ code }) => code)).toContain(EXIT.ok);
    const content = async (path: string) =>
      (await stat(path)).isDirectory()
        ? hashes(path)
        : createHash('sha256')
            .update(await readFile(path))
            .digest('hex');
    expect(await content(join(start, out)), name).toEqual(await content(join(start, alone)));
    const outs = ['twice.csv', 'twice.arrow', 'twice.onnx', 'twice.onnx.parity.json'];
    const names = (await readdir(start)).filter(
      entry => entry.startsWith(`${out}.`) && !outs.includes(entry),
    );
    expect(names).toEqual([]);
  });
});
