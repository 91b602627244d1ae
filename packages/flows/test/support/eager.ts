import * as tf from '@tensorflow/tfjs';

/** tfjs's own CPU backend, without its banner. */
export async function useQuietCpu(): Promise<void> {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
}
