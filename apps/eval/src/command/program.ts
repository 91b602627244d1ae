import { createProgram, type Io, type PackageInfo } from '@ood/terminal';
import type { Command } from 'commander';
import { defineCompare } from './compare.ts';
import { defineList } from './list.ts';
import { defineReport } from './report.ts';
import { defineRun } from './run.ts';
import { defineTable } from './table.ts';
import { defineValidate } from './validate.ts';

/** The command line of benchmarks. Verbs load what they need only when they run. */
export function createEvalProgram(io: Io, about: PackageInfo): Command {
  const program = createProgram(
    io,
    about,
    'Benchmarks of out-of-distribution detectors: run, compare, publish',
  );
  for (const define of [defineList, defineValidate, defineRun, defineTable, defineReport, defineCompare])
    define(program, io);
  return program;
}
