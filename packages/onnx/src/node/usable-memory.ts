import { totalmem } from 'node:os';

/** Bytes of memory that this process may use: the machine's, or less in a container. */
export function usableMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
