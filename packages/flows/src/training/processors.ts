/**
 * How many logical processors there are: what a runtime's own choice of threads follows from, and so part of a result's
 * provenance; `null` where nothing tells.
 */
export async function processors(): Promise<number | null> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { availableParallelism } = await import('node:os');
    return availableParallelism();
  }
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? null;
}
