import { CommanderError } from 'commander';
import { describeSystemError, GateMissedError, isOodError, isUsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';

/** Runs one command line and returns its exit code; never throws. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync([...args], { from: 'user' });
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
  if (isUsageError(error)) {
    io.stderr.write(`error: ${(error as Error).message}\n`);
    return EXIT.usage;
  }
  if (error instanceof GateMissedError) {
    io.stderr.write(`${error.message}\n`);
    return EXIT.gateMissed;
  }
  const known = isOodError(error) ? error.message : describeSystemError(error);
  if (known !== undefined) {
    io.stderr.write(`error: ${known}\n`);
  } else {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    io.stderr.write(`internal error: ${message}\nThis is a defect of ood; set OOD_DEBUG=1 for its trace.\n`);
    if (io.env.OOD_DEBUG) io.stderr.write(`${stack}\n`);
  }
  return EXIT.failed;
}
