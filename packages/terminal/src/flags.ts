import { type Command, InvalidArgumentError } from 'commander';

/**
 * An option that must be given. Commander's own `requiredOption` is asked before it looks for unknown flags, and calls a
 * mistyped one missing; this one is asked after, so that the mistyped flag is named, with a suggestion.
 */
export function addRequiredOption(command: Command, flags: string, description: string): Command {
  const option = command.createOption(flags, description);
  return command.addOption(option).hook('preAction', () => {
    if (command.getOptionValue(option.attributeName()) !== undefined) return;
    command.error(`error: required option '${flags}' not specified`, {
      code: 'commander.missingMandatoryOptionValue',
    });
  });
}

export function addThreadsOption(command: Command): Command {
  return command.option(
    '--threads <n>',
    'threads of the engine; default: its own choice. Results are the same bytes for the same number only',
    parseCount,
  );
}

/** Parses a number of threads or fits: a whole number from 1 to 1024. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1024) {
    throw new InvalidArgumentError('expected a whole number from 1 to 1024.');
  }
  return value;
}

/** Parses a seed: a whole number from 0 to 2³² − 1. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw new InvalidArgumentError('expected a whole number from 0 to 4294967295.');
  }
  return value;
}

/** Parses a tolerated rate: a number above 0 and below 1. */
export function parseAlpha(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError('expected a number above 0 and below 1, e.g. 0.05.');
  }
  return value;
}

/** Parses names separated by commas, at least one. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map(name => name.trim());
  if (names.some(name => name === '')) {
    throw new InvalidArgumentError('expected names separated by commas.');
  }
  return names;
}
