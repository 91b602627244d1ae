import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@ood/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOod } from './start-ood.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-process-'));
  for (const set of ['a', 'b']) {
    await mkdir(join(folder, set));
    await writeFile(join(folder, set, 'same.png'), 'equal bytes need not be an image');
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a process of which nobody reads the output', () => {
  it.each([
    ['a command that is done', ['datasets', 'list'], EXIT.ok],
    ['a missed gate', ['datasets', 'overlap', 'a', 'b', '--fail-on-overlap'], EXIT.gateMissed],
  ] as const)('exits as ever: %s', async (_, words, code) => {
    const args = words.map(word => (word.length === 1 ? join(folder, word) : word));
    const { child, ended } = startOod(args);
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ code });
  });

  it('finishes when its stderr is closed', async () => {
    const { child, ended } = startOod(['datasets', 'overlap', join(folder, 'a'), join(folder, 'b')]);
    child.stderr!.destroy();
    expect(await ended).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining('1 equal pair') });
  });

  it.skipIf(process.platform !== 'linux')(
    'says that its output could not be written, and fails',
    async () => {
      const full = openSync('/dev/full', 'w');
      const { code, stderr } = await startOod(['datasets', 'list'], { stdout: full }).ended;
      closeSync(full);
      expect(code).toBe(EXIT.failed);
      expect(stderr).toMatch(
        /error: stdout: expected room for the results, got no space left on the disk \(ENOSPC\); free/,
      );
      expect(stderr).not.toContain('    at ');
    },
  );
});
