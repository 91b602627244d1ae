import { readFile, rm, stat, writeFile } from 'node:fs/promises';

/** What a resumed request must know about the bytes that are there. */
export interface PartialState {
  readonly url: string;
  /** Strong ETag or Last-Modified of the response the bytes came from. */
  readonly validator: string | undefined;
  /** Size of the whole file, where the server said it. */
  readonly total: number | undefined;
}

/** Bytes that are there of a file, and where they came from. */
export interface Held {
  readonly bytes: number;
  readonly state: PartialState;
}

/** A file on its way: `<target>.incomplete` and beside it what is needed to resume. */
export class PartialFile {
  readonly path: string;
  readonly #statePath: string;

  constructor(target: string) {
    this.path = `${target}.incomplete`;
    this.#statePath = `${this.path}.json`;
  }

  /** Bytes that are there and their state; nothing where either is missing or unreadable. */
  async resume(): Promise<Held | undefined> {
    try {
      const state: unknown = JSON.parse(await readFile(this.#statePath, 'utf8'));
      const { url, validator, total } = state as Record<string, unknown>;
      const { size } = await stat(this.path);
      if (typeof url !== 'string' || size === 0) return undefined;
      return {
        bytes: size,
        state: {
          url,
          validator: typeof validator === 'string' ? validator : undefined,
          total: typeof total === 'number' ? total : undefined,
        },
      };
    } catch {
      return undefined;
    }
  }

  async remember(state: PartialState): Promise<void> {
    await writeFile(this.#statePath, JSON.stringify(state));
  }

  async forget(): Promise<void> {
    await rm(this.#statePath, { force: true });
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await this.forget();
  }
}
