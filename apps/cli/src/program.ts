import { printable } from '@ood/core';
import { Command } from 'commander';
import { defineCheck } from './commands/check.ts';
import { defineConvert } from './commands/convert.ts';
import { defineDatasets } from './commands/datasets.ts';
import { defineDemo } from './commands/demo.ts';
import { defineDetectors } from './commands/detectors.ts';
import { defineEval } from './commands/eval.ts';
import { defineExport } from './commands/export.ts';
import { defineExtract } from './commands/extract.ts';
import { defineFit } from './commands/fit.ts';
import { defineInspect } from './commands/inspect.ts';
import { defineScore } from './commands/score.ts';
import type { Io } from './io.ts';
import { packageInfo } from './package-info.ts';

/** The whole command line. Commands load what they need only when they run. */
export function createProgram(io: Io): Command {
  const program = new Command('ood')
    .description('Out-of-distribution detection for any ONNX model')
    .version(packageInfo().version)
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      outputError: (text, write) => {
        const [, message = text, suggestion = ''] = /^(.*?)(\n\(Did you mean [^\n]*)?\n$/s.exec(text) ?? [];
        write(`${printable(message)}${suggestion}\n`);
      },
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError();
  defineDemo(program, io);
  defineEval(program, io);
  defineInspect(program, io);
  defineExtract(program, io);
  defineFit(program, io);
  defineScore(program, io);
  defineCheck(program, io);
  defineExport(program, io);
  defineConvert(program, io);
  defineDetectors(program, io);
  defineDatasets(program, io);
  return program;
}

/**
 * The arguments as commander should see them. It answers a request for help before it looks at the command: help about a
 * command that does not exist must be an error, with a suggestion.
 */
export function askForKnownCommands(program: Command, args: readonly string[]): readonly string[] {
  let command = program;
  for (const word of args) {
    if (word.startsWith('-')) continue;
    if (command.commands.length === 0) break;
    if (word === 'help') continue;
    const found = command.commands.find(one => one.name() === word || one.aliases().includes(word));
    if (found === undefined) return args.filter(arg => !['--help', '-h', 'help'].includes(arg));
    command = found;
  }
  return args;
}
