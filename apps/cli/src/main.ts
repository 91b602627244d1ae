import { type ExitCode, type Io, runCommandLine } from '@ood/terminal';
import { inFlags } from './in-flags.ts';
import { packageInfo } from './package-info.ts';
import { createProgram } from './program.ts';

/** Runs one command line of `ood` and returns its exit code; never throws. */
export function main(args: readonly string[], io: Io): Promise<ExitCode> {
  return runCommandLine(createProgram, args, { io, about: packageInfo(), say: inFlags });
}
