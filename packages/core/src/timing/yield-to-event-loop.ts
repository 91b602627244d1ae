/** A browser's message channel, which Node's types describe otherwise. Its messages, unlike timers, are never slowed down. */
interface Channel {
  readonly port1: { onmessage: (() => void) | null; close(): void };
  readonly port2: { postMessage(message: null): void };
}

/**
 * Gives timers, messages and the page their turn. Work that only waits for promises never leaves the queue of microtasks, and
 * an engine in the calling thread may do no more than that: no abort by a timer or a button would ever arrive.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise(resolve => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel() as unknown as Channel;
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
