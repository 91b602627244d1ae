import type { Command } from 'commander';

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
