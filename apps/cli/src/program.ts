import { createProgram as createEmptyProgram, type Io } from '@ood/terminal';
import type { Command } from 'commander';
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
import { packageInfo } from './package-info.ts';

/** The whole command line. Commands load what they need only when they run. */
export function createProgram(io: Io): Command {
  const program = createEmptyProgram(io, packageInfo(), 'Out-of-distribution detection for any ONNX model');
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
