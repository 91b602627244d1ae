import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { graphOf, type ModelProto, makeNode } from '@ood/onnx';
import { readModel, writeModel } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { readTensors, writeTensors } from '../src/folder/tensors.ts';
import { fitGuard, guardDigest, type Manifest, openGuard } from '../src/index.ts';
import { glyphOptions, useGlyphGuard } from './glyph-guard.ts';

const context = useGlyphGuard();
let copies = 0;

async function changed(change: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(context.folder, `copy-${copies++}`);
  await cp(context.path, folder, { recursive: true });
  await change(folder);
  return folder;
}

type Edit = (manifest: Record<string, never> & { files: Record<string, string> }) => unknown;

/** Writes another `guard.json`; what the edit returns, or the manifest that it changed. */
const editing = (edit: Edit) => async (folder: string) => {
  const path = join(folder, 'guard.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(edit(manifest) ?? manifest));
};

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** As an attacker would: changes the file, then writes the hash that it has now. */
const rehashing =
  (file: string, change: (path: string, folder: string) => Promise<unknown>) => async (folder: string) => {
    await change(join(folder, file), folder);
    const hash = await sha256(join(folder, file));
    await editing(manifest => {
      manifest.files[file] = hash;
    })(folder);
  };

/** The graph with every score multiplied by 0. */
function withoutScore(model: ModelProto): ModelProto {
  const graph = graphOf(model);
  const node = graph.node.map(n => ({
    ...n,
    output: n.output.map(o => (o === 'score' ? 'score.before' : o)),
  }));
  const zero = makeNode('Sub', { inputs: ['score.before', 'score.before'], outputs: ['score'] });
  return { ...model, graph: { ...graph, node: [...node, zero] } };
}

const disarmModel = async (path: string) => writeModel(path, withoutScore(await readModel(path)));

/** A calibration that accepts everything, with a threshold that follows from it. */
const disarmCalibration = async (folder: string) => {
  await rehashing('calibration.safetensors', async (_path, inside) => {
    const { calibration } = JSON.parse(await readFile(join(inside, 'guard.json'), 'utf8')) as Manifest;
    const data = Float32Array.from({ length: calibration.count }, (_, i) => 1e30 + i * 1e24);
    await writeTensors(inside, 'calibration.safetensors', { scores: { shape: [data.length], data } });
  })(folder);
  const { scores } = await readTensors(folder, 'calibration.safetensors', {
    scores: { type: 'float32', shape: [null] },
  });
  await editing(manifest => {
    const calibration = manifest.calibration as unknown as { threshold: number; count: number; rank: number };
    calibration.threshold = scores.data[calibration.count - calibration.rank]!;
  })(folder);
};

const unlisted = (file: string) => editing(manifest => void delete manifest.files[file]);

/** What must not take longer than a moment, a hang counted as a failure. */
const soon = <T>(work: Promise<T>) =>
  Promise.race([
    work,
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('took longer than 100 seconds')), 100_000).unref(),
    ),
  ]);

const mkfifo = (path: string) => execFileSync('mkfifo', [path]);
const isLinux = process.platform === 'linux';

describe('opening a guard that somebody changed refuses', () => {
  it.each<[string, string, RegExp, (folder: string) => Promise<unknown>]>([
    ...[
      'model.onnx',
      'detector.safetensors',
      'calibration.safetensors',
      'reference.safetensors',
      'probes/reference.safetensors',
      'probes/2.png',
    ].map((file): [string, string, RegExp, (folder: string) => Promise<unknown>] => [
      `a manifest that leaves out ${file}`,
      'CORRUPT_FILE',
      /expected the SHA-256 of .* in guard\.json, got none/,
      unlisted(file),
    ]),
    [
      'another model under the hash of none',
      'CORRUPT_FILE',
      /the SHA-256 of model\.onnx/,
      async folder => {
        await disarmModel(join(folder, 'model.onnx'));
        await unlisted('model.onnx')(folder);
      },
    ],
    [
      'a model that scores 0, hash and all',
      'PROBE_MISMATCH',
      /stored scores/,
      rehashing('model.onnx', disarmModel),
    ],
    [
      'a calibration that accepts everything, hash and threshold and all',
      'PROBE_MISMATCH',
      /stored verdicts/,
      disarmCalibration,
    ],
    [
      'a file that no guard has',
      'CORRUPT_FILE',
      /no files but .* in guard\.json, got "notes\.txt"/,
      editing(manifest => void (manifest.files['notes.txt'] = '0'.repeat(64))),
    ],
    [
      'a path that leaves the folder',
      'CORRUPT_FILE',
      /no files but/,
      editing(manifest => void (manifest.files['../../../../dev/zero'] = '0'.repeat(64))),
    ],
    [
      'an absolute path',
      'CORRUPT_FILE',
      /no files but/,
      editing(manifest => void (manifest.files['/etc/passwd'] = '0'.repeat(64))),
    ],
    [
      'a file beside those listed',
      'CORRUPT_FILE',
      /no files but those .* got "extra\.bin"/,
      f => writeFile(join(f, 'extra.bin'), ''),
    ],
    [
      'a probe image elsewhere, behind a link',
      'CORRUPT_FILE',
      /a plain file probes\/1\.png, got a link/,
      async folder => {
        await rename(join(folder, 'probes/1.png'), join(context.folder, `elsewhere-${copies}.png`));
        await symlink(join(context.folder, `elsewhere-${copies}.png`), join(folder, 'probes/1.png'));
      },
    ],
    [
      'a folder of probes behind a link',
      'CORRUPT_FILE',
      /got|plain/,
      async folder => {
        const elsewhere = join(context.folder, `probes-${copies}`);
        await rename(join(folder, 'probes'), elsewhere);
        await symlink(elsewhere, join(folder, 'probes'));
      },
    ],
    [
      'a folder in place of a file',
      'CORRUPT_FILE',
      /a plain file model\.onnx/,
      async folder => {
        await rm(join(folder, 'model.onnx'));
        await mkdir(join(folder, 'model.onnx'));
      },
    ],
    [
      'a model that keeps its tensors in another file',
      'CORRUPT_FILE',
      /whose tensors are in the guard/,
      async folder => {
        const model = await readModel(join(folder, 'model.onnx'));
        await writeModel(join(folder, 'moved.onnx'), model, { externalData: 'always', minBytes: 1 });
        await rename(join(folder, 'moved.onnx'), join(folder, 'model.onnx'));
        await rename(join(folder, 'moved.onnx.data'), join(folder, '.hidden'));
        const hash = await sha256(join(folder, 'model.onnx'));
        await editing(manifest => void (manifest.files['model.onnx'] = hash))(folder);
      },
    ],
    [
      'an input larger than memory',
      'CORRUPT_FILE',
      /an input of at most 67108864 numbers in guard\.json, got \[batch, 1, 28, 28000000000\]/,
      editing(manifest => {
        (manifest.input as unknown as { dims: unknown[] }).dims[3] = 28e9;
      }),
    ],
    [
      'a guard of version 1',
      'OLDER_VERSION',
      /version 1; make it anew/,
      editing(manifest => ({ ...manifest, version: 1 })),
    ],
  ])('%s: %s', async (_what, code, message, change) => {
    const folder = await changed(change);
    const error = await soon(openGuard(folder, { worker: false }).catch((caught: unknown) => caught));
    expect(isOodError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.skipIf(!isLinux).each([
    ['the manifest', 'guard.json'],
    ['a probe image', 'probes/0.png'],
    ['the model', 'model.onnx'],
    ['the signature', 'guard.sig'],
  ])('a pipe in place of %s, at once', async (_what, file) => {
    const folder = await changed(async copy => {
      await rm(join(copy, file), { force: true });
      mkfifo(join(copy, file));
    });
    const { publicKey } = generateKeyPairSync('ed25519');
    const opening = file === 'guard.sig' ? openGuard(folder, { verify: publicKey }) : openGuard(folder);
    await expect(soon(opening)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      message: expect.stringContaining('a plain file'),
    });
  });

  it('hashes nothing outside of the folder, and prints none of it', async () => {
    const folder = await changed(
      editing(manifest => void (manifest.files['../guard/guard.json'] = '0'.repeat(64))),
    );
    const outside = await sha256(join(context.path, 'guard.json'));
    const error = await openGuard(folder).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), (error as { details: unknown }).details])).not.toContain(outside);
  });

  it('a hidden file that a file manager left is none of its business', async () => {
    const folder = await changed(copy => writeFile(join(copy, '.DS_Store'), ''));
    await (await openGuard(folder, { worker: false })).close();
  });
});

describe('the digest of a guard', () => {
  it('is what sha256sum says of its files', async () => {
    const digest = await guardDigest(context.path);
    const command = 'sha256sum $(find * -type f ! -name guard.sig | LC_ALL=C sort) | sha256sum';
    const { status, stdout } = spawnSync('sh', ['-c', command], { cwd: context.path, encoding: 'utf8' });
    if (status === 0) expect(stdout.slice(0, 64)).toBe(digest);
    const guard = await openGuard(context.path, { digest });
    expect(guard.digest).toBe(digest);
    await guard.close();
  });

  it('tells guards apart of which a single byte differs, also in guard.json', async () => {
    const digest = await guardDigest(context.path);
    const folder = await changed(editing(manifest => ({ ...manifest, seed: 2 })));
    await expect(openGuard(folder, { digest })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      details: { expected: digest },
    });
    await expect(openGuard(folder, { digest: 'abc' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('a signed guard', () => {
  const pair = generateKeyPairSync('ed25519');
  const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const other = generateKeyPairSync('ed25519').publicKey;
  const signed = async () => {
    const folder = join(context.folder, `signed-${copies++}`);
    await fitGuard(folder, glyphOptions({ sign: privatePem, detector: 'energy' }));
    return folder;
  };

  it('opens for whoever knows the key, as PEM or as a key of Node, and for whoever does not ask', async () => {
    const folder = await signed();
    for (const verify of [publicPem, pair.publicKey, undefined])
      await (await openGuard(folder, { verify, worker: false })).close();
    expect(await readdir(folder)).toContain('guard.sig');
  });

  it('is refused with another key, once changed, and without its signature', async () => {
    const folder = await signed();
    const refusal = (verify: typeof other) =>
      openGuard(folder, { verify }).then(
        () => 'opened',
        error => error,
      );
    expect(await refusal(other)).toMatchObject({
      code: 'BAD_SIGNATURE',
      message: expect.stringContaining('got one by the key'),
    });
    const text = await readFile(join(folder, 'guard.json'), 'utf8');
    await writeFile(join(folder, 'guard.json'), text.replace('"seed": 1', '"seed": 2'));
    expect(await refusal(pair.publicKey)).toMatchObject({
      message: expect.stringContaining('before it was changed'),
    });
    await writeFile(join(folder, 'guard.sig'), '{}');
    expect(await refusal(pair.publicKey)).toMatchObject({ code: 'BAD_SIGNATURE' });
    await rm(join(folder, 'guard.sig'));
    expect(await refusal(pair.publicKey)).toMatchObject({
      message: expect.stringContaining('got no guard.sig'),
    });
  });

  it('needs an Ed25519 key, which no error repeats', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    for (const sign of [rsa as string, publicPem, 'no key', 7 as never]) {
      const error = await fitGuard(join(context.folder, 'never'), glyphOptions({ sign })).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('an Ed25519 private key'),
      });
      expect(String(error)).not.toContain('BEGIN');
    }
    expect(existsSync(join(context.folder, 'never'))).toBe(false);
  });
});

it('guard.json says nothing of where the model lay', async () => {
  const text = await readFile(join(context.path, 'guard.json'), 'utf8');
  expect(JSON.parse(text).backbone.model.source).toBe('glyphs-cnn.onnx');
  const paths = Object.entries(JSON.parse(text)).flatMap(([key, value]) =>
    [...JSON.stringify(value).matchAll(/"(\/[^"]*|[A-Za-z]:\\[^"]*)"/g)].map(([found]) => `${key}: ${found}`),
  );
  expect(paths).toEqual([]);
});
