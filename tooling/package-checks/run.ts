/**
 * Checks what consumers receive: publint and attw on every packed package, each tarball installed alone (imports run,
 * types check, pages build), an installation by npm that reaches the registry alone, and the sizes of it all. Run by `pnpm check:packages` after a build.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { ROOT } from '../architecture/workspace.ts';
import { runExamples } from '../docs/run-examples.ts';
import { buildForBrowsers } from './browser-builds.ts';
import { folderBytes, installAlone } from './install-alone.ts';
import { checkNpmInstall } from './npm-install.ts';
import { catalogVersion, packAll, pnpm } from './packed.ts';
import { checkStatedSize } from './stated-size.ts';

const WORKSPACE_LIMIT_BYTES = 1.3e9;

/** Programs, which bring all that they need. */
const APPS = ['cli', 'eval'];

// pnpm lets its scripts find packages of the workspace by this: what is installed elsewhere would find them too.
delete process.env.NODE_PATH;

/** Entries that need an optional peer, and which. */
const PEERS: Readonly<Record<string, string>> = {
  '@ood/onnx/record': '@tensorflow/tfjs',
  '@ood/onnx/web': 'onnxruntime-web',
  '@ood/flows': '@tensorflow/tfjs',
  '@ood/flows/laws': '@tensorflow/tfjs',
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1).padStart(8)} MB`;
const folder = mkdtempSync(join(tmpdir(), 'ood-packages-'));
const problems: string[] = [];

try {
  const packed = packAll(join(folder, 'packed'));

  for (const { name, path, tarball, entries } of packed) {
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const tarballBytes = readFileSync(tarball);
    const { messages } = await publint({
      strict: true,
      pack: { tarball: new Uint8Array(tarballBytes).buffer },
    });
    problems.push(...messages.map(message => `publint: ${name}: ${formatMessage(message, manifest)}`));
    if (entries.length > 0) attempt(() => pnpm(['exec', 'attw', tarball, '--profile', 'esm-only'], ROOT));
  }

  console.log('Installed alone:');
  for (const target of packed) {
    const slug = target.name.replace('@ood/', '');
    attempt(() => {
      const entries = target.entries.filter(entry => PEERS[entry] === undefined);
      const alone = installAlone(target, packed, { folder: join(folder, 'alone', slug), entries });
      console.log(`  ${target.name.padEnd(16)} ${megabytes(alone.bytes)}  ${alone.packages.length} packages`);
      problems.push(...checkStatedSize(target.name, target.path, alone.bytes));
      const names = alone.packages.filter(name => name !== '@ood/core' && name !== target.name);
      if ((slug === 'core' || slug === 'metrics') && names.length > 0)
        problems.push(`${target.name}: expected nothing but itself and core, got ${names.join(', ')}`);
      const heavy = names.filter(name => name.startsWith('@tensorflow/') || name === 'onnxruntime-node');
      if (!APPS.includes(slug) && heavy.length > 0)
        problems.push(`${target.name}: expected nothing that is large and optional, got ${heavy.join(', ')}`);
    });
    problems.push(...(await buildForBrowsers(target.name, join(folder, 'alone', slug))));
    const withPeers = target.entries.filter(entry => PEERS[entry] !== undefined);
    if (withPeers.length === 0) continue;
    attempt(() => {
      const peers = Object.fromEntries(
        withPeers.map(entry => [PEERS[entry]!, catalogVersion(PEERS[entry]!)]),
      );
      installAlone(target, packed, { folder: join(folder, 'peers', slug), entries: withPeers, peers });
    });
  }

  console.log('Installed by npm, with install scripts and no host but the registry:');
  problems.push(...(await checkNpmInstall(packed, join(folder, 'npm'))));

  problems.push(...(await runExamples(packed, join(folder, 'examples'))));

  const bytes = folderBytes(join(ROOT, 'node_modules'));
  console.log(
    `The whole workspace: ${megabytes(bytes).trim()} (limit ${megabytes(WORKSPACE_LIMIT_BYTES).trim()})`,
  );
  if (bytes > WORKSPACE_LIMIT_BYTES)
    problems.push('the installation of the workspace is larger than its limit');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'Package checks passed.' : `${problems.length} package checks failed.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function attempt(check: () => void): void {
  try {
    check();
  } catch (error) {
    problems.push((error as Error).message);
  }
}
