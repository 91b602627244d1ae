import * as tf from '@tensorflow/tfjs';

type CpuBackend = tf.KernelBackend & { firstUse: boolean };

/** The parts of tfjs's engine that hold its backends. */
interface Backends {
  readonly registry: { readonly cpu?: CpuBackend };
  readonly registryFactory: { readonly cpu?: { factory: () => CpuBackend } };
}

/**
 * Keeps tfjs's `cpu` backend from printing its advice ("Hi, looks like you are running TensorFlow.js in Node.js …")
 * at its first use. Call it before eager work; recordings never touch that backend.
 */
export function silenceBackendBanner(): void {
  const { registry, registryFactory } = tf.engine() as unknown as Backends;
  if (registry.cpu) registry.cpu.firstUse = false;
  const entry = registryFactory.cpu;
  if (!entry) return;
  const create = entry.factory;
  entry.factory = () => Object.assign(create(), { firstUse: false });
}
