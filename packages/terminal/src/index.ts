// The world of a command

export { type Io, type RawSink, type TextSink, textSink } from './io.ts';
export { processIo } from './process-io.ts';

// Running one

export { createProgram } from './create-program.ts';
export { EXIT, EXIT_OF_KIND, type ExitCode, GateMissedError } from './exit.ts';
export { type PackageInfo, readPackageInfo } from './package-info.ts';
export { runCommandLine } from './run-command-line.ts';
export { serveCommandLine } from './serve-command-line.ts';
export { supervise } from './supervise.ts';

// What it is given

export {
  addRequiredOption,
  addThreadsOption,
  parseAlpha,
  parseCount,
  parseNames,
  parseSeed,
} from './flags.ts';
export { readBytes, STDIN } from './paths/read-bytes.ts';
export { requireFile, requirePath } from './paths/require-path.ts';
export { type OwnKind, requireOwnFile } from './paths/require-writable.ts';

// What it says

export { jsonText, writeJson } from './output/json.ts';
export {
  consecutiveStages,
  createProgress,
  extractionDetail,
  fractionOf,
  type Progress,
  type Stage,
} from './output/progress.ts';
export { type Column, counted, type Fact, formatFacts, formatTable } from './output/table.ts';
