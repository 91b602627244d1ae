import { type ExitCode, type Io, readPackageInfo, runCommandLine } from '@ood/terminal';
import { createEvalProgram } from './program.ts';

const about = readPackageInfo('ood-eval', new URL('../../package.json', import.meta.url));

/** Runs one command line of `ood-eval` and returns its exit code; never throws. */
export function main(args: readonly string[], io: Io): Promise<ExitCode> {
  return runCommandLine(own => createEvalProgram(own, about), args, { io, about });
}
