import { addThreadsOption, type Io, parseSeed } from '@ood/terminal';
import type { Command } from 'commander';

/** Defines `ood demo`: the whole method on the embedded data and model, in under a minute. */
export function defineDemo(program: Command, io: Io): void {
  const command = program
    .command('demo')
    .description('run the whole method on the embedded glyphs: features, flow, scores, table, report');
  addThreadsOption(command)
    .option('--out <dir>', 'folder for report.html, results.json and the fitted flow', 'ood-demo')
    .option('--seed <n>', 'seed of everything random', parseSeed, 1)
    .option('--json', 'print results as one JSON document on stdout, no progress')
    .action(
      async ({ json = false, ...flags }: { out: string; seed: number; threads?: number; json?: boolean }) => {
        const { runDemo } = await import('./demo/run-demo.ts');
        await runDemo({ ...flags, json }, io);
      },
    );
}
