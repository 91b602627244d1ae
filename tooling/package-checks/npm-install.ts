import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFixtures } from '../docs/fixtures.ts';
import { type Packed, run } from './packed.ts';

/** The one command that READMEs name for the engine. */
const ENGINE = ['install', 'onnxruntime-node', '--ignore-scripts'];

/**
 * Installs from the tarballs with npm, as a user does: install scripts enabled, no host but the registry within reach. The command
 * line must install, name the command for the engine where that was left out, and then fit a guard; and who only scores must do so
 * with that guard without TensorFlow.js.
 *
 * @returns what is wrong
 */
export async function checkNpmInstall(packed: readonly Packed[], folder: string): Promise<string[]> {
  const problems: string[] = [];
  const all = project(join(folder, 'all'), packed, ['metrics', 'features', 'flows', 'guard', 'cli']);
  const refused = join(folder, 'refused.log');
  npm(['install'], all, refused);
  if (existsSync(refused))
    console.log(
      `  npm went on without ${[...new Set(readFileSync(refused, 'utf8').trim().split('\n'))].join(', ')}`,
    );

  await writeFixtures(all);
  const ood = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(all, 'node_modules/@ood/cli/dist/bin.js'), ...args], {
      cwd: all,
      encoding: 'utf8',
    });
  if (!existsSync(join(all, 'node_modules/onnxruntime-node'))) {
    const { status, stderr } = ood('inspect', 'model.onnx');
    if (status !== 1 || !stderr.includes(`npm ${ENGINE.join(' ')}`))
      problems.push(
        `ood without an engine: expected exit code 1 and the command that installs one, got ${status}: ${stderr}`,
      );
    npm(ENGINE, all, refused);
  }
  const fitted = ood(
    'fit',
    '--model',
    'model.onnx',
    '--images',
    'train',
    '--detector',
    'fde',
    '--out',
    'my.guard',
  );
  if (fitted.status !== 0)
    return [...problems, `ood fit: expected exit code 0, got ${fitted.status}: ${fitted.stderr}`];

  const scoring = project(join(folder, 'scoring'), packed, ['guard', 'detectors', 'core']);
  npm(['install'], scoring, refused);
  npm(ENGINE, scoring, refused);
  const modules = readdirSync(join(scoring, 'node_modules'));
  if (modules.includes('@tensorflow'))
    problems.push('guard and detectors: expected no TensorFlow.js with them');
  writeFileSync(join(scoring, 'score.mjs'), SCORE);
  const said = run(process.execPath, ['score.mjs', all], scoring);
  if (said !== 'a score\n') problems.push(`scoring without TensorFlow.js: expected "a score", got ${said}`);
  return problems;
}

const SCORE = `
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openGuard } from '@ood/guard';
const folder = process.argv[2];
const guard = await openGuard(join(folder, 'my.guard'));
const { score } = await guard.check(await readFile(join(folder, 'photo.png')));
console.log(Number.isFinite(score) ? 'a score' : score);
await guard.close();
`;

/** An empty project that depends on these packages, all of ours from tarballs. */
function project(folder: string, packed: readonly Packed[], names: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const wanted = names.map(name => `@ood/${name}`);
  const entries = packed.map(({ name, tarball }) => [name, `file:${tarball}`] as const);
  const manifest = {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(entries.filter(([name]) => wanted.includes(name))),
    overrides: Object.fromEntries(
      entries.map(([name, file]) => [name, wanted.includes(name) ? `$${name}` : file]),
    ),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  return folder;
}

function npm(args: readonly string[], cwd: string, refused: string): void {
  const guard = fileURLToPath(new URL('./only-registry.cjs', import.meta.url));
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require=${JSON.stringify(guard)}`,
    OOD_ALLOWED_HOSTS: reachableHosts().join(','),
    OOD_REFUSED_LOG: refused,
    // Only what the user's own configuration says, not that of the pnpm that runs us.
    npm_config_ignore_scripts: 'false',
  };
  const { status, stdout, stderr } = spawnSync(
    'npm',
    [...args, '--no-audit', '--no-fund', '--prefer-offline'],
    {
      cwd,
      env,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed with ${status}:\n${stdout}${stderr}`);
}

/** The registry, and proxies on the way to it. */
function reachableHosts(): string[] {
  const registry = spawnSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const proxies = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].map(
    name => process.env[name] ?? '',
  );
  return [registry.stdout.trim(), ...proxies]
    .filter(url => URL.canParse(url))
    .map(url => new URL(url).hostname);
}
