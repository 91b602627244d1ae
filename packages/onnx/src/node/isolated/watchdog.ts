import { Worker } from 'node:worker_threads';

/** How often a process looks at itself, in ms. */
const INTERVAL = 20;

/**
 * Runs as text, so that it needs no loader. `process.ppid` changes where the parent has died (not on Windows; there the deadline
 * ends the process).
 */
const CODE = `
const { workerData: { parent, maxMemory, until } } = require('node:worker_threads');
setInterval(() => {
  const orphan = process.ppid !== parent;
  const late = until[0] !== 0 && Date.now() > until[0];
  if (orphan || late || process.memoryUsage.rss() > maxMemory) process.kill(process.pid, 'SIGKILL');
}, ${INTERVAL});
`;

export interface Watchdog {
  /** Kills the process unless `rest` is called before, in ms since the epoch. */
  expect(deadline: number): void;
  rest(): void;
}

/**
 * Starts a thread that kills this process when it holds too much memory, is past its deadline, or has lost its parent: a native
 * call that never returns leaves the main thread no say.
 */
export function startWatchdog(maxMemory: number): Watchdog {
  const until = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(CODE, {
    eval: true,
    execArgv: [],
    workerData: { parent: process.ppid, maxMemory, until },
  });
  worker.unref();
  return {
    expect: deadline => {
      until[0] = deadline;
    },
    rest: () => {
      until[0] = 0;
    },
  };
}
