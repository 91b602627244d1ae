import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./children/open-session.ts', import.meta.url));
let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ood-home-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Runs the script as on a user's machine: with a home of its own, and without the variables by which the engine knows a test. */
function openSession(args: readonly string[], env: Record<string, string> = {}) {
  const { CI: _, ORT_DISABLE_TELEMETRY: __, ...rest } = process.env;
  const { signal, stdout } = spawnSync(
    process.execPath,
    ['--conditions=@ood/source', '--import', 'tsx', script, ...args],
    { env: { ...rest, HOME: home, XDG_CACHE_HOME: join(home, '.cache'), ...env }, encoding: 'utf8' },
  );
  return { signal, said: stdout };
}

const said = (telemetry: string) => JSON.stringify({ y: [1.5, 2, 2.5], telemetry });

describe('onnxruntime-node', () => {
  it('reports nothing to its maker and leaves nothing in the home folder', async () => {
    expect(openSession([])).toEqual({ signal: null, said: said('1') });
    const left = (await readdir(home, { recursive: true })).filter(name =>
      /onnxruntime|Microsoft/.test(name),
    );
    expect(left).toEqual([]);
  });

  it('survives a command line of ten thousand file names', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `images/${i}.png`);
    expect(openSession(names)).toEqual({ signal: null, said: said('1') });
  });

  it('leaves a choice that was made beforehand', () => {
    expect(openSession([], { ORT_DISABLE_TELEMETRY: 'true' }).said).toBe(said('true'));
  });
});
