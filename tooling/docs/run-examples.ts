/**
 * Runs every example of the READMEs and guides as a user would: in an empty project into which the packed tarballs are installed,
 * as strict TypeScript, in a folder with a model, images and arrays of the names that the pages use.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogVersion, overridesOf, type Packed, pnpm, run, writerInto } from '../package-checks/packed.ts';
import { type Example, examples } from './blocks.ts';
import { writeFixtures } from './fixtures.ts';

/** What examples import beside our packages, and for whom tarballs are too large to be dependencies of all. */
const PEERS = [
  '@huggingface/transformers',
  '@tensorflow/tfjs',
  'onnxruntime-node',
  'onnxruntime-web',
] as const;
/** As in the workspace: one copy. */
const ONE_COPY = '@huggingface/transformers>onnxruntime-web';

/** @returns what is wrong, a line an example; empty where all is well. */
export async function runExamples(packed: readonly Packed[], folder: string): Promise<string[]> {
  const all = examples();
  const overrides = overridesOf(packed);
  mkdirSync(join(folder, 'src'), { recursive: true });
  const write = writerInto(folder);
  write('package.json', {
    private: true,
    type: 'module',
    dependencies: { ...overrides, ...Object.fromEntries(PEERS.map(name => [name, catalogVersion(name)])) },
    devDependencies: { '@types/node': catalogVersion('@types/node') },
    pnpm: {
      overrides: { ...overrides, [ONE_COPY]: catalogVersion('onnxruntime-web') },
      ignoredBuiltDependencies: ['*'],
    },
  });
  write('pnpm-workspace.yaml', 'packages: []\n');
  write('tsconfig.json', {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      lib: ['ES2023', 'DOM'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noUncheckedIndexedAccess: true,
      allowJs: true,
      checkJs: false,
      outDir: 'out',
      rootDir: 'src',
      noEmitOnError: false,
    },
    include: ['src'],
  });
  all.forEach((example, i) => {
    write(join('src', fileOf(i, example.language)), example.code);
  });
  pnpm(['install', '--prefer-offline', '--ignore-scripts', '--config.auto-install-peers=false'], folder);

  const problems: string[] = [];
  const tsc = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname;
  try {
    run(process.execPath, [tsc, '-p', 'tsconfig.json'], folder);
  } catch (error) {
    for (const [, number, rest] of (error as Error).message.matchAll(/^src\/example-(\d+)\.ts(.+)$/gm))
      problems.push(`${all[Number(number)]?.where}: does not typecheck: ${rest}`);
    if (problems.length === 0) problems.push((error as Error).message);
  }
  const fixtures = join(folder, 'fixtures');
  await writeFixtures(fixtures);
  for (const [i, example] of all.entries()) {
    if (example.notRun !== undefined) continue;
    const place = join(folder, `run-${i}`);
    cpSync(fixtures, place, { recursive: true });
    try {
      problems.push(
        ...compare(example, run(process.execPath, [join(folder, 'out', fileOf(i, 'js'))], place)),
      );
    } catch (error) {
      problems.push(`${example.where}: does not run: ${(error as Error).message}`);
    }
  }
  console.log(
    `Examples: ${all.length} typechecked, ${all.filter(({ notRun }) => notRun === undefined).length} run`,
  );
  return problems;
}

function fileOf(index: number, ending: string): string {
  return `example-${index}.${ending}`;
}

function compare({ where, printed }: Example, stdout: string): string[] {
  if (printed === undefined || printed.length === 0) return [];
  const lines = stdout.replace(/\n$/, '').split('\n');
  const wrong = printed.findIndex((text, i) => lines[i] !== text);
  return wrong < 0
    ? []
    : [`${where}: line ${wrong + 1}: expected ${printed[wrong]}, printed ${lines[wrong]}`];
}
