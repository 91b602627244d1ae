import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CoreError, errorFromData } from '@ood/core';
import type { CellAnswer } from './cell-worker.ts';
import { type CellRequest, cellServer } from './serve-cell.ts';

/** What measures cells: processes, so that one that native code takes down costs its own cell alone; or this one. */
export interface CellPool {
  /** Measures and keeps one cell. @throws what the worker throws; CoreError `WORKER_FAILED` where it ended */
  measure(request: CellRequest): Promise<void>;
  /** Ends all processes, whatever they do. */
  close(): void;
}

/** @param size processes; 0 measures in this one, cell after cell */
export function createCellPool(size: number): CellPool {
  if (size === 0) return ownProcess();
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const waiting: ((child: ChildProcess) => void)[] = [];
  let started = 0;
  const take = (): Promise<ChildProcess> => {
    const free = idle.pop();
    if (free) return Promise.resolve(free);
    if (started < size) return Promise.resolve(start());
    return new Promise(resolve => waiting.push(resolve));
  };
  const start = (): ChildProcess => {
    started++;
    const child = startChild();
    all.add(child);
    return child;
  };
  const free = (child: ChildProcess) => {
    const next = waiting.shift();
    if (next) next(child);
    else idle.push(child);
  };
  const gone = (child: ChildProcess) => {
    all.delete(child);
    started--;
    const next = waiting.shift();
    if (next) next(start());
  };
  return {
    async measure(request) {
      const child = await take();
      const answer = await ask(child, request).catch((error: unknown) => {
        child.kill('SIGKILL');
        gone(child);
        throw error;
      });
      free(child);
      if ('error' in answer) throw errorFromData(answer.error);
    },
    close() {
      for (const child of all) child.kill('SIGKILL');
    },
  };
}

function ownProcess(): CellPool {
  const serve = cellServer();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    measure(request) {
      const measured = turn.then(() => serve(request));
      turn = measured.catch(() => {});
      return measured;
    },
    close: () => {},
  };
}

function ask(child: ChildProcess, request: CellRequest): Promise<CellAnswer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onError);
    };
    const onMessage = (answer: CellAnswer) => {
      settle();
      resolve(answer);
    };
    const onExit = (code: number | null, signal: string | null) => {
      settle();
      reject(ended(signal ?? `code ${code}`));
    };
    const onError = (cause: Error) => {
      settle();
      reject(ended(cause.message));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.on('error', onError);
    child.send(request);
  });
}

const ended = (how: string) =>
  new CoreError('WORKER_FAILED', {
    where: 'the process that measures a cell',
    expected: 'a result',
    got: `its end with ${how}`,
    advice: 'run it again with fewer jobs, where memory ran out',
  });

/** Starts the process from `dist` as it is; from source through the loader of the workspace. */
function startChild(): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(source ? './cell-worker.ts' : './cell-worker.js', import.meta.url));
  const execArgv = source ? ['--conditions=@ood/source', '--import', import.meta.resolve('tsx')] : [];
  return fork(entry, { execArgv, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
