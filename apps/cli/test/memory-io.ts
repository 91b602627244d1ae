import type { Io, TextSink } from '../src/io.ts';

/** An `Io` that keeps what is written, for tests of whole command lines. */
export function memoryIo({ terminal = false, cwd = process.cwd(), controller = new AbortController() } = {}) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written): TextSink => ({
    write: text => {
      written[name] += text;
    },
    isTerminal: terminal,
    columns: terminal ? 100 : undefined,
  });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: {},
    cwd,
    signal: controller.signal,
    now: () => performance.now(),
  };
  return { io, written, abort: () => controller.abort() };
}
