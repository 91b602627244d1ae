import { Readable } from 'node:stream';
import { type Io, type TextSink, textSink } from './io.ts';

/** An `Io` that keeps what is written, for tests of whole command lines. */
export function memoryIo({
  terminal = false,
  cwd = process.cwd(),
  controller = new AbortController(),
  columns = 100,
  stdin = [] as readonly Uint8Array[],
} = {}) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written): TextSink =>
    textSink({
      write: text => {
        written[name] += text;
      },
      isTerminal: terminal,
      columns: terminal ? columns : undefined,
    });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: Readable.from(stdin),
    env: {},
    cwd,
    signal: controller.signal,
    now: () => performance.now(),
  };
  return { io, written, abort: () => controller.abort() };
}
