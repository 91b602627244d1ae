import { importOptional } from '@ood/core';

export type Flows = typeof import('@ood/flows');

/**
 * `@ood/flows` needs TensorFlow.js, which is large and takes a second to load: only what trains a flow or looks into one does.
 *
 * @throws CoreError `MISSING_PACKAGE` where TensorFlow.js is not installed
 */
export function loadFlows(where: string): Promise<Flows> {
  // Named by a variable: bundlers for scoring leave it out.
  const name = '@ood/flows';
  return importOptional(() => import(/* @vite-ignore */ name) as Promise<Flows>, {
    where,
    name: '@tensorflow/tfjs',
    advice: 'install it: npm install @tensorflow/tfjs',
  });
}
