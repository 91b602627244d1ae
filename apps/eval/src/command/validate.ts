import { type Fact, formatFacts, type Io, writeJson } from '@ood/terminal';
import type { Command } from 'commander';
import { openTask } from './open-task.ts';

/** Defines `ood-eval validate`: what a task would do, and whether it can. */
export function defineValidate(program: Command, io: Io): void {
  program
    .command('validate')
    .description('checks a task, and says what it compares on what')
    .argument('<task>', 'a file, or the name of a task that comes along (see list)')
    .option('--json', 'print one JSON document on stdout')
    .action(async (word: string, { json = false }: { readonly json?: boolean }) => {
      const { hashTask } = await import('../tasks/task-hash.ts');
      const { task } = await openTask(word, io);
      const hash = hashTask(task);
      if (json) {
        writeJson(io, { task, hash });
        return;
      }
      const { name, title, notes, backbones, sets, near, detectors, seeds } = task;
      const facts: Fact[] = [
        ['task', title === undefined ? name : `${name}: ${title}`],
        ...(notes === undefined ? [] : [['notes', notes] as Fact]),
        ['hash', hash],
        ['backbones', backbones.map(one => one.name).join(', ')],
        [
          'OOD sets',
          sets ? sets.ood.map(one => `${one.name} (${one.group})`).join(', ') : 'those of the features',
        ],
        ...(near === undefined ? [] : [['near', near.join(', ')] as Fact]),
        ['detectors', detectors.map(({ label }) => label).join(', ')],
        ['seeds', String(seeds)],
      ];
      io.stdout.write(`${formatFacts(facts)}\n`);
    });
}
