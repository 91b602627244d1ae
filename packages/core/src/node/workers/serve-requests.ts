import { type MessagePort, parentPort, type Transferable } from 'node:worker_threads';
import { errorToData } from '../../errors/error-data.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface RequestContext {
  /** Aborts when the caller gives the request up. */
  readonly signal: AbortSignal;
}

export interface ServeOptions<Reply> {
  /** Memory of a reply that is moved instead of copied. */
  readonly transfer?: ((reply: Reply) => readonly Transferable[]) | undefined;
  /** Default: the port to the thread that started this one; without it nothing is served. */
  readonly port?: MessagePort | null | undefined;
}

/**
 * Answers the requests of a `createWorkerClient` in the thread that it starts: each by what `handle` returns, or by its error,
 * with code, details and causes. Requests are handed on as they come, also while earlier ones are at work.
 */
export function serveRequests<Request, Reply>(
  handle: (request: Request, context: RequestContext) => Reply | Promise<Reply>,
  { transfer, port = parentPort }: ServeOptions<Reply> = {},
): void {
  const running = new Map<number, AbortController>();
  const answer = (message: FromWorker, memory: readonly Transferable[] = []) =>
    port?.postMessage(message, memory);
  port?.on('message', async (message: ToWorker) => {
    if ('abort' in message) return running.get(message.abort)?.abort();
    const { id, request } = message;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const reply = await handle(request as Request, { signal: controller.signal });
      answer({ id, reply }, transfer?.(reply));
    } catch (error) {
      answer({ id, error: errorToData(error) });
    } finally {
      running.delete(id);
    }
  });
}
