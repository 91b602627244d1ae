import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  readonly output: () => string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Resolves once the output matches. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** Runs a TypeScript file of this folder in a Node of its own; `limits` are shell commands run before it, e.g. `ulimit -f 64`. */
export function runChild(script: string, args: readonly string[], limits = ':'): Child {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const command = `${limits}; exec "$0" --conditions=@ood/source --import tsx "$@"`;
  const child = spawn('/bin/bash', ['-c', command, process.execPath, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  const exited = new Promise<{ code: number | null; signal: string | null }>(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    process: child,
    output: () => output,
    exited,
    async waitFor(pattern) {
      const matched = new Promise<void>(resolve => {
        const listener = () => {
          if (!pattern.test(output)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        listener();
      });
      const ended = exited.then(() => {
        if (!pattern.test(output)) throw new Error(`the child ended before printing ${pattern}: ${output}`);
      });
      await Promise.race([matched, ended]);
    },
  };
}
