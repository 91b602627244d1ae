const PRIMES = [
  23, 37, 59, 83, 101, 127, 149, 173, 197, 223, 251, 277, 307, 331, 353, 379, 401, 431, 457, 479,
];

/**
 * Three batch sizes to record at: primes that divide no fixed dimension, so that no equality of a batch size with
 * another dimension can steer the function.
 */
export function sentinelSizes(ports: readonly { readonly shape: readonly (number | string)[] }[]): number[] {
  const fixed = new Set(ports.flatMap(port => port.shape).filter(dim => typeof dim === 'number'));
  const free = PRIMES.filter(prime => [...fixed].every(dim => dim === 0 || dim % prime !== 0));
  return (free.length < 3 ? PRIMES : free).slice(0, 3);
}
