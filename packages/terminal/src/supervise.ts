import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CoreError } from '@ood/core';
import { EXIT } from './exit.ts';

/** How long a command may take to stop in good order, milliseconds. */
const GRACE = 5000;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs a program of the command line (one that calls `serveCommandLine`) in a process of its own and returns its exit code. Native code blocks the thread that calls it, and with
 * it the handlers of signals; this process runs none, so that Ctrl-C always works: the first asks the command to stop, and
 * ends it after a grace; the second ends it at once. It also says what became of a command that native code took down.
 */
export async function supervise(program: URL, args: readonly string[]): Promise<number> {
  const child = start(program, args);
  let stopping: NodeJS.Timeout | undefined;
  let killed = false;
  const kill = () => {
    killed = true;
    child.kill('SIGKILL');
  };
  const onSignal = () => {
    if (stopping !== undefined) return kill();
    stopping = setTimeout(kill, GRACE);
    if (child.connected) child.send('stop', () => {});
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const { code, signal } = await ended(child);
    if (killed) process.stderr.write('interrupted\n');
    if (killed || (signal !== null && stopping !== undefined)) return EXIT.interrupted;
    if (signal === null) return code ?? EXIT.failed;
    process.stderr.write(`error: ${endedBy(signal).message}\n`);
    return EXIT.failed;
  } finally {
    clearTimeout(stopping);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

function start(program: URL, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, fileURLToPath(program), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** What a signal that nobody here sent means. */
function endedBy(signal: NodeJS.Signals): CoreError {
  const where = 'the command';
  const expected = 'to run to its end';
  if (signal === 'SIGKILL' || signal === 'SIGABRT')
    return new CoreError('OUT_OF_MEMORY', {
      where,
      expected,
      got: `${signal}, as the system and the engine end what takes too much memory`,
      advice: 'close other programs, or give a smaller model or smaller images',
      details: { signal },
    });
  if (['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS'].includes(signal))
    return new CoreError('WORKER_FAILED', {
      where,
      expected,
      got: `${signal} in native code (onnxruntime, libvips)`,
      advice:
        'find out which model or image it was by leaving the others out, and report it to its maintainers',
      details: { signal },
    });
  return new CoreError('WORKER_FAILED', {
    where,
    expected,
    got: `${signal} from outside`,
    advice: 'run it again',
    details: { signal },
  });
}
