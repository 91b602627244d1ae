const PRIMES = [
  23, 37, 59, 83, 101, 127, 149, 173, 197, 223, 251, 277, 307, 331, 353, 379, 401, 431, 457, 479,
];

/**
 * Batch sizes to record at, three for an attempt: primes that divide no declared dimension, so that no equality of a
 * batch size with another dimension steers the function. A second attempt is for dimensions that only the function knows.
 */
export function sentinelSizes(
  ports: readonly { readonly shape: readonly (number | string)[] }[],
): readonly (readonly number[])[] {
  const fixed = new Set(ports.flatMap(port => port.shape).filter(dim => typeof dim === 'number'));
  const free = PRIMES.filter(prime => [...fixed].every(dim => dim === 0 || dim % prime !== 0));
  const primes = free.length < 6 ? PRIMES : free;
  return [primes.slice(0, 3), primes.slice(3, 6)];
}
