import * as tf from '@tensorflow/tfjs';
import {
  type Json,
  joinWeights,
  type NamedShapes,
  type NamedTensors,
  prefixed,
  scope,
} from '../contract/arrays.ts';
import { type Bijection, defineBijection, type Mapped } from '../contract/bijection.ts';
import { FlowsError } from '../errors.ts';

/** One link's contribution, for explanations. */
export interface ChainStep extends Mapped {
  readonly kind: string;
}

/** A composition that can tell its steps apart. */
export interface Chain extends Bijection {
  readonly links: readonly Bijection[];
  /** `forward`, link by link. */
  steps(weights: NamedTensors, x: tf.Tensor2D): ChainStep[];
}

/**
 * Bijections one after the other, in the direction of the data: the first link sees x. Log-determinants add up.
 * Weights of link i are named `i.…`.
 */
export function chain(links: readonly Bijection[]): Chain {
  const dim = commonDimension(links);
  const steps = (weights: NamedTensors, x: tf.Tensor2D): ChainStep[] => {
    const done: ChainStep[] = [];
    let value = x;
    for (const [i, link] of links.entries()) {
      const step = link.forward(scope(weights, `${i}`), value);
      done.push({ kind: link.kind, ...step });
      value = step.value;
    }
    return done;
  };
  const refusals = Object.assign({}, ...links.map(link => link.refusals ?? {}));
  const caveat = links.map(link => link.logDetCaveat).find(reason => reason !== undefined);
  const whole = defineBijection({
    kind: 'chain',
    dim,
    options: { links: links.map(({ kind, options }): Json => ({ kind, ...options })) },
    parameters: shapesByLink(links.map(link => link.parameters)),
    constants: shapesByLink(links.map(link => link.constants)),
    refusals,
    ...(caveat === undefined ? {} : { logDetCaveat: caveat }),
    initialize: rng => joinWeights(links.map(link => link.initialize(rng))),
    forward(weights, x) {
      const done = steps(weights, x);
      return { value: done.at(-1)!.value, logDet: sumOf(done.map(step => step.logDet)) };
    },
    inverse(weights, z) {
      const logDets: tf.Tensor[] = [];
      let value = z;
      for (const [i, link] of [...links.entries()].reverse()) {
        const step = link.inverse(scope(weights, `${i}`), value);
        logDets.push(step.logDet);
        value = step.value;
      }
      return { value, logDet: sumOf(logDets) };
    },
    adapt(weights, x) {
      const adapted: Record<string, tf.Tensor> = {};
      let value = x;
      for (const [i, link] of links.entries()) {
        const own = scope(weights, `${i}`);
        const better = link.adapt?.(own, value) ?? {};
        Object.assign(adapted, prefixed(better, `${i}`));
        value = link.forward({ ...own, ...better }, value).value;
      }
      return adapted;
    },
  });
  return { ...whole, links, steps };
}

/** Whether a bijection is a {@link chain}. */
export function isChain(bijection: Bijection): bijection is Chain {
  return bijection.kind === 'chain' && 'links' in bijection;
}

function commonDimension(links: readonly Bijection[]): number {
  const dims = new Set(links.map(link => link.dim));
  const [dim] = dims;
  if (dims.size === 1 && dim !== undefined) return dim;
  throw new FlowsError('INVALID_OPTION', {
    where: 'chain',
    expected: 'one or more bijections of the same dimension',
    got: links.length === 0 ? 'none' : `dimensions ${[...dims].join(', ')}`,
    advice: 'build all links for the same number of columns',
  });
}

function shapesByLink(shapes: readonly NamedShapes[]): NamedShapes {
  return Object.assign({}, ...shapes.map((named, i) => prefixed(named, `${i}`)));
}

function sumOf(terms: readonly tf.Tensor[]): tf.Tensor {
  return terms.reduce((sum, term) => tf.add(sum, term));
}
