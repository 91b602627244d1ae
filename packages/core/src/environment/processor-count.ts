/** How many logical processors there are, from which runtimes choose their threads; `undefined` where nothing tells. */
export function processorCount(): number | undefined {
  // No import: a bundle for browsers holds no module of Node.
  const os = globalThis.process?.getBuiltinModule?.('node:os');
  if (os) return os.availableParallelism();
  const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency;
}
