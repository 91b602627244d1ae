import { Command } from 'commander';
import { defineCheck } from './commands/check.ts';
import { defineDatasets } from './commands/datasets.ts';
import { defineDemo } from './commands/demo.ts';
import { defineEval } from './commands/eval.ts';
import { defineExport } from './commands/export.ts';
import { defineExtract } from './commands/extract.ts';
import { defineFit } from './commands/fit.ts';
import { defineInspect } from './commands/inspect.ts';
import { defineScore } from './commands/score.ts';
import type { Io } from './io.ts';
import { packageVersion } from './package-version.ts';

/** The whole command line. Commands load what they need only when they run. */
export function createProgram(io: Io): Command {
  const program = new Command('ood')
    .description('Out-of-distribution detection for any ONNX model')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: text => io.stderr.write(text) })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError();
  defineDemo(program, io);
  defineEval(program, io);
  defineInspect(program, io);
  defineExtract(program, io);
  defineFit(program, io);
  defineScore(program, io);
  defineCheck(program, io);
  defineExport(program, io);
  defineDatasets(program, io);
  return program;
}
