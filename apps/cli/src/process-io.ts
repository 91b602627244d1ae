import { describeSystemError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import type { Io, TextSink } from './io.ts';

/** The real process: its streams, environment and Ctrl-C. A second Ctrl-C ends the process at once. */
export function processIo(): Io {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
  process.on('SIGTERM', () => controller.abort());
  return {
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
    now: () => performance.now(),
  };
}

/** A stream that may stop taking text while the work goes on: what has begun is finished, and the exit code tells how. */
function sink(stream: NodeJS.WriteStream): TextSink {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (gone) return;
    gone = true;
    // A reader that went away (`ood … | head`) is not an error of ours, and of a stderr that is full nothing can be said.
    if (error.code === 'EPIPE' || stream !== process.stdout) return;
    process.stderr.write(`error: stdout: ${describeSystemError(error) ?? error.message}\n`);
    process.on('exit', code => {
      if (code === EXIT.ok) process.exitCode = EXIT.failed;
    });
  });
  return {
    write: text => {
      if (!gone) stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}
