import { isOodError, type OodError, printable, systemError } from '@ood/core';
import { type Command, CommanderError } from 'commander';
import { askForKnownCommands } from './create-program.ts';
import { EXIT, EXIT_OF_KIND, type ExitCode, GateMissedError } from './exit.ts';
import type { Io } from './io.ts';
import type { PackageInfo } from './package-info.ts';

export interface CommandLineOptions {
  readonly io: Io;
  readonly about: PackageInfo;
  /** The message of a typed error in the words of this command line. Default: the error's own. */
  readonly say?: (error: OodError) => string;
}

/** Runs one command line and returns its exit code; never throws. What is nobody's fault but ours is said with all that a report needs. */
export async function runCommandLine(
  create: (io: Io) => Command,
  args: readonly string[],
  { io, about, say = ({ message }) => message }: CommandLineOptions,
): Promise<ExitCode> {
  try {
    const program = create(io);
    await program.parseAsync([...askForKnownCommands(program, args)], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return report(error, { io, about, say });
  }
}

function report(error: unknown, { io, about, say }: Required<CommandLineOptions>): ExitCode {
  // Commander has written its own message (help, version, usage errors) already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (io.signal.aborted) {
    io.stderr.write('interrupted\n');
    return EXIT.interrupted;
  }
  if (error instanceof GateMissedError) {
    io.stderr.write(`${printable(error.message)}\n`);
    return EXIT.gateMissed;
  }
  const known = systemError(error, { expected: 'the command to run to its end' });
  if (isOodError(known) && known.kind !== 'internal') {
    io.stderr.write(`error: ${printable(say(known))}\n`);
    return EXIT_OF_KIND[known.kind];
  }
  reportDefect(error, io, about);
  return EXIT.failed;
}

function reportDefect(error: unknown, io: Io, { command, version, bugs }: PackageInfo): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const system = `${command} ${version}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const where = bugs?.url === undefined ? '' : ` at ${bugs.url}`;
  io.stderr.write(`internal error: ${printable(message)}\n`);
  io.stderr.write(
    `This is a defect of ood. Please report it${where}, with the command, "${system}" and ${io.env.OOD_DEBUG ? 'this trace' : 'the trace that OOD_DEBUG=1 adds'}.\n`,
  );
  if (io.env.OOD_DEBUG) io.stderr.write(`${stack}\n`);
}
