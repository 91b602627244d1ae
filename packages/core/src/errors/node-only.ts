import { CoreError } from './core-error.ts';

/** Stands in for a function of Node in bundles for browsers, where it refuses to be called. @throws CoreError `NODE_ONLY`. */
export function nodeOnly(name: string, advice: string): () => never {
  return () => {
    throw new CoreError('NODE_ONLY', {
      where: name,
      expected: 'to run in Node',
      got: 'a bundle for browsers',
      advice,
    });
  };
}
