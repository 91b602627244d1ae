import { type Column, formatTable, type Io, writeJson } from '@ood/terminal';
import type { Command } from 'commander';

/** Defines `ood-eval list`: the tasks that come along. */
export function defineList(program: Command, io: Io): void {
  program
    .command('list')
    .description('the tasks that come along')
    .option('--json', 'print one JSON document on stdout')
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { readTask, shippedTaskFile, shippedTasks } = await import('../tasks/shipped-tasks.ts');
      const { hashTask } = await import('../tasks/task-hash.ts');
      const tasks = await Promise.all(
        (await shippedTasks()).map(async name => readTask(await shippedTaskFile(name))),
      );
      if (json) {
        writeJson(io, { tasks: tasks.map(task => ({ ...task, hash: hashTask(task) })) });
        return;
      }
      const columns: Column[] = [
        { title: 'task', align: 'left' },
        { title: 'backbones' },
        { title: 'detectors' },
        { title: '', align: 'left' },
      ];
      const rows = tasks.map(({ name, backbones, detectors, title = '' }) => [
        name,
        String(backbones.length),
        String(detectors.length),
        title,
      ]);
      io.stdout.write(`${formatTable(columns, rows)}\n`);
    });
}
