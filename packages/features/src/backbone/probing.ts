import type { Runtime } from '@ood/onnx';
import type { IsolatedRuntime } from '@ood/onnx/node';
import type { BackboneOptions } from './backbone.ts';

/** Processes that wait for the next model to be opened. */
const idle: { readonly runtime: IsolatedRuntime; readonly timer: NodeJS.Timeout }[] = [];
/** Starting one takes a while: models are often opened one after the other. */
const KEPT_MS = 5000;

/**
 * Runs `work` with the runtime on which a model is tried out. Unless the caller vouches for the model (`trusted`) or gives a
 * runtime, that is a process of its own with a deadline and a memory limit, since the graph may loop for ever or take all memory.
 */
export async function withProbing<T>(
  options: BackboneOptions,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const { runtime, trusted = false, deadline, maxMemory, signal } = options;
  if (runtime !== undefined) return work(runtime);
  const { isolatedRuntime, nodeRuntime } = await import('@ood/onnx/node');
  if (trusted) return work(nodeRuntime);
  const limited = deadline !== undefined || maxMemory !== undefined || signal !== undefined;
  const isolation = { ...(deadline && { deadline }), ...(maxMemory && { maxMemory }), signal };
  const probing = limited ? isolatedRuntime(isolation) : (takeIdle() ?? isolatedRuntime());
  let done = false;
  try {
    const result = await work(probing);
    done = true;
    return result;
  } finally {
    if (done && !limited) keep(probing);
    else await probing.close();
  }
}

function takeIdle(): IsolatedRuntime | undefined {
  const kept = idle.pop();
  if (kept) clearTimeout(kept.timer);
  return kept?.runtime;
}

function keep(runtime: IsolatedRuntime): void {
  const timer = setTimeout(() => {
    idle.splice(
      idle.findIndex(kept => kept.runtime === runtime),
      1,
    );
    void runtime.close();
  }, KEPT_MS);
  timer.unref();
  idle.push({ runtime, timer });
}
