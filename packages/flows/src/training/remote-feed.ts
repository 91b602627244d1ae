import type { Batch, BatchFeed } from './batch-feed.ts';
import type { FromWorker } from './worker-messages.ts';

/** How many batches are asked for ahead, so that the next is there when a step ends. */
const ahead = 3;

/** The feed of the thread that owns the rows, seen from the worker. */
export class RemoteFeed implements BatchFeed {
  #pass = 0;
  #cancelled = false;
  #arrived: (Batch | null)[] = [];
  #waiting: ((batch: Batch | null) => void) | undefined;
  readonly #send: (message: FromWorker) => void;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  async open(epoch: number, skip: number): Promise<void> {
    this.#pass++;
    this.#arrived = [];
    this.#send({ kind: 'open', epoch, skip });
    for (let i = 0; i < ahead; i++) this.#send({ kind: 'next' });
  }

  async next(): Promise<Batch | null> {
    if (this.#cancelled) return null;
    const batch = this.#arrived.length > 0 ? this.#arrived.shift()! : await this.#arrival();
    if (batch) this.#send({ kind: 'next' });
    return batch;
  }

  async close(): Promise<void> {}

  /** Takes a reply; one to a request of an earlier pass is dropped. */
  deliver(pass: number, batch: Batch | null): void {
    if (pass !== this.#pass) return;
    if (this.#waiting) this.#waiting(batch);
    else this.#arrived.push(batch);
    this.#waiting = undefined;
  }

  /** Ends all waiting: nothing more will come. */
  cancel(): void {
    this.#cancelled = true;
    this.#waiting?.(null);
  }

  #arrival(): Promise<Batch | null> {
    return new Promise(resolve => {
      this.#waiting = resolve;
    });
  }
}
