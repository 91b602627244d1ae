import type { Bijection } from '../contract/bijection.ts';

/** The same map the other way round: `forward` and `inverse` change places, their refusals too. */
export function inverse(bijection: Bijection): Bijection {
  const { adapt: _adapt, refusals = {}, ...rest } = bijection;
  return {
    ...rest,
    kind: 'inverse',
    options: { of: { kind: bijection.kind, ...bijection.options } },
    refusals: {
      ...(refusals.inverse === undefined ? {} : { forward: refusals.inverse }),
      ...(refusals.forward === undefined ? {} : { inverse: refusals.forward }),
    },
    forward: bijection.inverse,
    inverse: bijection.forward,
  };
}
