import { importOptional } from '@ood/core';

export type Flows = typeof import('@ood/flows');

/**
 * `@ood/flows` needs TensorFlow.js, which is large and takes a second to load: only what holds a flow waits for it.
 *
 * @throws CoreError `MISSING_PACKAGE` where TensorFlow.js is not installed
 */
export function loadFlows(): Promise<Flows> {
  return importOptional(() => import('@ood/flows'), {
    where: 'flows',
    name: '@tensorflow/tfjs',
    advice: 'install it: npm install @tensorflow/tfjs',
  });
}
