import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { errorFromData } from '@ood/core';
import { OnnxError } from '../../errors.ts';
import type { IsolationLimits, Ready, Reply, Request } from './messages.ts';

/** A process that runs models, as seen from here. */
export interface Host {
  /** Whether it takes no more requests. */
  readonly ended: boolean;
  /** The answer to a request; one is served at a time, and its deadline runs from when its turn comes and the process is ready. */
  ask<T>(request: Unnumbered<Request>): Promise<T>;
  /** Kills it. */
  end(): Promise<void>;
}

export interface HostOptions {
  readonly limits: IsolationLimits;
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id' | 'deadline'> : never;

interface Waiting {
  readonly id: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Longest time that a process may take to start, on a machine that is busy with other things, in ms. */
const STARTING = 120_000;
/** The end of what a crashed process wrote that an error quotes. */
const LAST_WORDS = 400;

export function startHost({ limits, deadline, signal }: HostOptions): Host {
  if (signal?.aborted) throw aborted(signal.reason);
  const child = startChild(limits);
  let waiting: Waiting | undefined;
  let reason: OnnxError | undefined;
  let words = '';
  let last = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const kill = (why: OnnxError): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const settle = (act: (waiting: Waiting) => void): void => {
    if (waiting) act(waiting);
    waiting = undefined;
    hold(child, false);
  };
  let onReady = (): void => undefined;
  const ready = new Promise<void>(resolve => {
    onReady = resolve;
  });
  const ended = new Promise<void>(resolve => {
    child.once('close', (code, how) => {
      reason ??= endedBy(code, how, limits, words);
      signal?.removeEventListener('abort', onAbort);
      const why = reason;
      settle(({ reject }) => reject(why));
      onReady();
      resolve();
    });
  });
  const onAbort = (): void => kill(aborted(signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  child.on('error', cause => kill(failed(cause.message, cause)));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  child.on('message', (reply: Reply | Ready) => {
    if ('ready' in reply) return onReady();
    if (reply.id !== waiting?.id) return;
    settle(({ resolve, reject }) =>
      'error' in reply ? reject(errorFromData(reply.error)) : resolve(reply.value as never),
    );
  });
  hold(child, false);

  const started = async (): Promise<void> => {
    hold(child, true);
    const timer = setTimeout(() => kill(timedOut('start', STARTING)), STARTING);
    await ready;
    clearTimeout(timer);
    hold(child, false);
  };
  const serve = async <T>(request: Unnumbered<Request>): Promise<T> => {
    if (reason === undefined) await started();
    return new Promise<T>((resolve, reject) => {
      if (reason !== undefined) return reject(reason);
      const id = ++last;
      waiting = { id, resolve, reject };
      hold(child, true);
      const timer = setTimeout(() => kill(timedOut(request.kind, deadline)), deadline);
      const done = (act: (value: never) => void) => (value: never) => {
        clearTimeout(timer);
        act(value);
      };
      waiting = {
        id,
        resolve: done(resolve),
        reject: done(reject as (value: never) => void) as Waiting['reject'],
      };
      child.send({ ...request, id, deadline } as Request, cause => {
        if (cause) kill(failed(cause.message, cause));
      });
    });
  };

  return {
    get ended() {
      return reason !== undefined;
    },
    ask<T>(request: Unnumbered<Request>) {
      const answer = turn.then(() => serve<T>(request));
      turn = answer.catch(() => {});
      return answer;
    },
    async end() {
      kill(
        new OnnxError('CLOSED', {
          where: 'an isolated runtime',
          expected: 'an open one',
          got: 'a closed one',
        }),
      );
      // A program that waits for this must not end before.
      hold(child, true);
      await ended;
    },
  };
}

/** Starts the process from `dist` as it is; from source (tests, benchmarks) through the loader of the workspace. */
function startChild(limits: IsolationLimits): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(source ? './child.ts' : './child.js', import.meta.url));
  const execArgv = source ? ['--conditions=@ood/source', '--import', import.meta.resolve('tsx')] : [];
  return fork(entry, [JSON.stringify(limits)], {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Whether the process keeps this program alive. */
function hold(child: ChildProcess, held: boolean): void {
  const act = held ? 'ref' : 'unref';
  child[act]();
  child.channel?.[act]();
  (child.stderr as { ref?(): void; unref?(): void } | null)?.[act]?.();
}

const WHERE = 'a model in a process of its own';

const EXPECTED: Readonly<Record<string, string>> = {
  start: 'the process to start',
  create: 'the graph to load',
  run: 'a result',
};

function timedOut(kind: string, deadline: number): OnnxError {
  return new OnnxError('TIMED_OUT', {
    where: WHERE,
    expected: `${EXPECTED[kind] ?? 'an answer'} within ${deadline} ms`,
    got: 'none: the process was ended',
    advice:
      kind === 'start'
        ? 'try again when the machine is less busy'
        : 'the graph may loop for ever; raise the deadline where it is only slow',
    details: { deadline },
  });
}

function aborted(cause: unknown): OnnxError {
  return new OnnxError('ABORTED', { where: WHERE, expected: 'a result', got: 'an abort signal', cause });
}

function failed(got: string, cause?: unknown): OnnxError {
  return new OnnxError('WORKER_FAILED', { where: WHERE, expected: 'an answer', got, cause });
}

/** What it means that the process ended by itself. Its own watchdog and the system's both kill what takes too much memory. */
function endedBy(
  code: number | null,
  how: string | null,
  { maxMemory }: IsolationLimits,
  words: string,
): OnnxError {
  if (how === 'SIGINT' || how === 'SIGTERM') return aborted(how);
  if (how !== 'SIGKILL' && !/heap out of memory/.test(words)) {
    return failed(`its end with ${how ?? `code ${code}`}${words.trim() && ` (${words.trim()})`}`);
  }
  return new OnnxError('TOO_LARGE', {
    where: WHERE,
    expected: `at most ${maxMemory} bytes of memory`,
    got: 'more: the process was ended',
    advice: 'give smaller batches or sizes of free dimensions, or raise maxMemory',
    details: { maxMemory },
  });
}
