import { existsSync } from 'node:fs';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread from a built module, `new URL('./x-worker.js', import.meta.url)`, as it is; where the caller runs from its
 * sources (tests, benchmarks), from `x-worker.ts` beside it through the loader of the workspace.
 */
export function startWorker(url: URL, options: WorkerOptions = {}): Worker {
  const source = new URL(url.href.replace(/\.js$/, '.ts'));
  if (existsSync(url) || !existsSync(source)) return new Worker(url, options);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const start = `import(${loader}).then(tsx => { tsx.register(); return import(${JSON.stringify(source.href)}); })`;
  return new Worker(start, { ...options, eval: true, execArgv: ['--conditions=@ood/source'] });
}
