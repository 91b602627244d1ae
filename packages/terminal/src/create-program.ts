import { printable } from '@ood/core';
import { Command } from 'commander';
import type { Io } from './io.ts';
import type { PackageInfo } from './package-info.ts';

/** An empty command line that writes where `io` says, throws instead of ending the process, and shows what a terminal would obey. */
export function createProgram(io: Io, { command, version }: PackageInfo, description: string): Command {
  return new Command(command)
    .description(description)
    .version(version)
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
