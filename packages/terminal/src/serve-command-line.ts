import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { processIo } from './process-io.ts';

/** How long a command whose supervisor is gone may take to stop, milliseconds. */
const GRACE = 2000;

/** Runs the command line of this process, which `supervise` started, and sets its exit code. */
export async function serveCommandLine(
  run: (args: readonly string[], io: Io) => Promise<number>,
): Promise<void> {
  const controller = new AbortController();
  // Ctrl-C reaches all processes of a terminal; the supervisor alone counts it, and says when to stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  // Without a listener this one ends the process; with one, the write fails and says why.
  if (process.platform !== 'win32') process.on('SIGXFSZ', () => {});
  process.on('message', message => {
    if (message === 'stop') controller.abort();
  });
  process.on('disconnect', () => {
    controller.abort();
    setTimeout(() => process.exit(EXIT.interrupted), GRACE).unref();
  });
  // Waiting for the supervisor's word must not keep a command alive that is done.
  process.channel?.unref();

  process.exitCode = await run(process.argv.slice(2), processIo(controller.signal));
}
