/** `pnpm check:examples`: the examples of all pages, alone; `pnpm check:packages` runs them too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll } from '../package-checks/packed.ts';
import { runExamples } from './run-examples.ts';

delete process.env.NODE_PATH;
const folder = mkdtempSync(join(tmpdir(), 'ood-examples-'));
try {
  const problems = await runExamples(packAll(join(folder, 'packed')), join(folder, 'examples'));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
