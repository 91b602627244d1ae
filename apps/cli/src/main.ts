import { isOodError, printable, systemError } from '@ood/core';
import { CommanderError } from 'commander';
import { EXIT, EXIT_OF_KIND, type ExitCode, GateMissedError } from './errors.ts';
import type { Io } from './io.ts';
import { packageInfo } from './package-info.ts';
import { askForKnownCommands, createProgram } from './program.ts';

/** Runs one command line and returns its exit code; never throws. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const program = createProgram(io);
    await program.parseAsync([...askForKnownCommands(program, args)], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: Io): ExitCode {
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
    io.stderr.write(`error: ${printable(known.message)}\n`);
    return EXIT_OF_KIND[known.kind];
  }
  reportDefect(error, io);
  return EXIT.failed;
}

/** What is nobody's fault but ours, with all that a report of it needs. */
function reportDefect(error: unknown, io: Io): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const { version, bugs } = packageInfo();
  const system = `ood ${version}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const where = bugs?.url === undefined ? '' : ` at ${bugs.url}`;
  io.stderr.write(`internal error: ${printable(message)}\n`);
  io.stderr.write(
    `This is a defect of ood. Please report it${where}, with the command, "${system}" and ${io.env.OOD_DEBUG ? 'this trace' : 'the trace that OOD_DEBUG=1 adds'}.\n`,
  );
  if (io.env.OOD_DEBUG) io.stderr.write(`${stack}\n`);
}
