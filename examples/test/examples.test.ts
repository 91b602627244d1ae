import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandom, decodeNpy, encodeNpy } from '@ood/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What an example prints, run as a user runs it, in a folder of the test's. */
async function run(example: string, ...args: string[]): Promise<string[]> {
  const program = new URL(`../${example}`, import.meta.url).pathname;
  const node = ['--conditions=@ood/source', '--import', import.meta.resolve('tsx')];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, program, ...args], {
    cwd: folder,
  });
  return stdout.trimEnd().split('\n');
}

describe('metrics-alone', () => {
  it('prints figures, a comparison and a guarantee', async () => {
    const [auroc, accepted, better, rejected, guarantee] = await run('metrics-alone.ts');
    expect(auroc).toMatch(/^AUROC 9\d\.\d %, between 9\d\.\d % and 9\d\.\d %$/);
    expect(accepted).toMatch(/: [3-5]\d\.\d %$/);
    expect(better).toMatch(/^The first detector is better, by [3-9]\.\d %$/);
    expect(rejected).toMatch(/: [2-8]\.\d %/);
    expect(guarantee).toContain('500');
  });
});

describe('flow-on-vectors', () => {
  it('learns where points are, and leaves a file', async () => {
    const lines = await run('flow-on-vectors.ts');
    expect(lines.join('\n')).toMatch(/Trained for \d+ steps/);
    expect(lines.join('\n')).toMatch(/less likely than (99\.\d|100\.0) % of the points/);
    expect(lines).toContain('Drew 5 new points of 2 numbers');
    expect((await stat(join(folder, 'flow.onnx'))).size).toBeGreaterThan(1000);
  });
});

describe('features-from-python', () => {
  it('scores arrays of the layout that save_features.py writes', async () => {
    const random = createRandom('features');
    const dims = { features: 16, logits: 4 };
    for (const [set, shift] of [
      ['id-train', 0],
      ['id-test', 0],
      ['ood', 3],
    ] as const)
      for (const [kind, cols] of Object.entries(dims)) {
        const data = Float32Array.from(
          { length: 200 * cols },
          (_, i) => random.normal() + (shift !== 0 && i % 2 ? -shift : 2),
        );
        await writeFile(join(folder, `${set}.${kind}.npy`), encodeNpy({ shape: [200, cols], data }));
      }
    const [auroc] = await run('features-from-python/score.ts', folder);
    expect(auroc).toMatch(/^AUROC (9\d\.\d|100\.0) %$/);
    const scores = decodeNpy(await readFile(join(folder, 'ood.scores.npy')), 'ood.scores.npy');
    expect(scores.shape).toEqual([200]);
  });
});
