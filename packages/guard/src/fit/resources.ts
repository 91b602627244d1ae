/** What must be closed at the end of a work, whatever happens. */
export interface Resources {
  add(close: () => Promise<void>): void;
  /** Closes all, the last one first. */
  close(): Promise<void>;
}

export function createResources(): Resources {
  const closing: (() => Promise<void>)[] = [];
  return {
    add: close => void closing.push(close),
    async close() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}
