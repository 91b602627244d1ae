import { isOodError, printable, systemError } from '@ood/core';
import { EXIT } from './exit.ts';
import { type Io, type TextSink, textSink } from './io.ts';

/** The real process: its streams and environment. @param signal aborted where the command is to stop */
export function processIo(signal: AbortSignal): Io {
  return {
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    // Opened by those who read: a mere look at `process.stdin` would keep a pipe open.
    get stdin() {
      return process.stdin;
    },
    env: process.env,
    cwd: process.cwd(),
    signal,
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
    const known = systemError(error, { where: 'stdout', expected: 'room for the results' });
    process.stderr.write(
      `error: ${printable(isOodError(known) ? known.message : `stdout: ${error.message}`)}\n`,
    );
    process.on('exit', code => {
      if (code === EXIT.ok) process.exitCode = EXIT.failed;
    });
  });
  return textSink({
    write: text => {
      if (!gone) stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  });
}
