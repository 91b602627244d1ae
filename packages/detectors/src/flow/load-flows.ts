export type Flows = typeof import('@ood/flows');

/** `@ood/flows` brings TensorFlow.js with it, which takes a second to load: only what holds a flow waits for it. */
export function loadFlows(): Promise<Flows> {
  return import('@ood/flows');
}
