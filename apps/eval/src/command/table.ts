import { resolve } from 'node:path';
import { type Io, requirePath } from '@ood/terminal';
import { type Command, Option } from 'commander';

const FORMATS = ['terminal', 'markdown', 'csv', 'latex'] as const;

/** Defines `ood-eval table`: the figures of a run for a terminal, a page, a spreadsheet or a paper. */
export function defineTable(program: Command, io: Io): void {
  program
    .command('table')
    .description('the figures of a run as a table')
    .argument('<run>', 'folder of a run, or its results.json')
    .addOption(new Option('--format <format>', 'how to write it').choices([...FORMATS]).default('terminal'))
    .addOption(new Option('--metric <metric>', 'which figure').choices(['auroc', 'fpr95']).default('auroc'))
    .action(
      async (word: string, { format, metric }: { format: (typeof FORMATS)[number]; metric: string }) => {
        const { readSummary } = await import('../summary/read-summary.ts');
        const { figuresTable } = await import('../tables/figures-table.ts');
        const { csvTable, latexTable, markdownTable, terminalTable } = await import(
          '../tables/write-table.ts'
        );
        await requirePath(word, io, 'a folder of a run, or its results.json');
        const { backbones } = await readSummary(resolve(io.cwd, word));
        const write = { terminal: terminalTable, markdown: markdownTable, csv: csvTable, latex: latexTable }[
          format
        ];
        const width = io.stdout.columns ?? 200;
        for (const backbone of backbones) {
          const table = figuresTable(backbone, { metric: metric === 'auroc' ? 'auroc' : 'fpr95IdAccepted' });
          io.stdout.write(`${write(table, width)}\n`);
        }
      },
    );
}
