import { actNorm } from '../bijections/act-norm.ts';
import { type AffineCouplingOptions, affineCoupling } from '../bijections/affine-coupling.ts';
import {
  type AutoregressiveAffineOptions,
  autoregressiveAffine,
} from '../bijections/autoregressive-affine.ts';
import { chain } from '../bijections/chain.ts';
import { fixedAffine } from '../bijections/fixed-affine.ts';
import { inverse } from '../bijections/inverse.ts';
import { type LuLinearOptions, luLinear } from '../bijections/lu-linear.ts';
import { permutation } from '../bijections/permutation.ts';
import { type ResidualBlockOptions, residualBlock } from '../bijections/residual-block.ts';
import { type SplineCouplingOptions, splineCoupling } from '../bijections/spline-coupling.ts';
import type { Json } from '../contract/arrays.ts';
import type { Bijection } from '../contract/bijection.ts';
import type { Density } from '../contract/density.ts';
import { defineFlow, type FlowModel } from '../contract/flow-model.ts';
import type { Preparation } from '../contract/preparation.ts';
import { type ClassConditionalOptions, classConditional } from '../densities/class-conditional.ts';
import { diagonalNormal } from '../densities/diagonal-normal.ts';
import { type GaussianMixtureOptions, gaussianMixture } from '../densities/gaussian-mixture.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { FlowsError } from '../errors.ts';
import { noPreparation } from '../preparations/none.ts';
import { normalize } from '../preparations/normalize.ts';
import { project } from '../preparations/project.ts';
import { sequence } from '../preparations/sequence.ts';

/** A part of a flow as plain data: its kind and the options that rebuild it. */
type PartDescription = { readonly kind: string } & Readonly<Record<string, Json>>;

/** A flow's mathematics as plain data. */
export interface ModelDescription {
  readonly preparation: PartDescription;
  readonly bijection: PartDescription;
  readonly base: PartDescription;
}

/** Builders of parts that this package does not know, by kind; each gets the options that the part declared. */
export interface CustomParts {
  readonly bijections?: Readonly<Record<string, (options: Readonly<Record<string, Json>>) => Bijection>>;
  readonly densities?: Readonly<Record<string, (options: Readonly<Record<string, Json>>) => Density>>;
  readonly preparations?: Readonly<Record<string, (options: Readonly<Record<string, Json>>) => Preparation>>;
}

/** What rebuilds a model. */
export function describeModel({ preparation, bijection, base }: FlowModel): ModelDescription {
  const describe = ({ kind, options }: Bijection | Density | Preparation) => ({ kind, ...options });
  return { preparation: describe(preparation), bijection: describe(bijection), base: describe(base) };
}

/**
 * The model that a description names.
 *
 * @throws FlowsError `UNKNOWN_KIND` for a part that neither this package nor `custom` knows; `CORRUPT_FILE` or a CoreError for parts
 *   that nothing can be
 */
export function buildModel(description: ModelDescription, custom: CustomParts): FlowModel {
  return defineFlow(
    buildPreparation(description.preparation, custom),
    buildBijection(description.bijection, custom),
    buildDensity(description.base, custom),
  );
}

function buildBijection({ kind, ...all }: PartDescription, custom: CustomParts): Bijection {
  const { dim, ...options } = all as { dim: number } & Record<string, Json>;
  switch (kind) {
    case 'act-norm':
      return actNorm(dim);
    case 'affine-coupling':
      return affineCoupling(dim, options as AffineCouplingOptions);
    case 'autoregressive-affine':
      return autoregressiveAffine(dim, options as AutoregressiveAffineOptions);
    case 'chain':
      return chain(partsOf('links', options.links).map(link => buildBijection(link, custom)));
    case 'fixed-affine':
      return fixedAffine(dim);
    case 'inverse':
      return inverse(buildBijection(partOf('of', options.of), custom));
    case 'lu-linear':
      return luLinear(dim, options as LuLinearOptions);
    case 'permutation':
      return permutation(dim);
    case 'residual-block':
      return residualBlock(dim, options as ResidualBlockOptions);
    case 'spline-coupling':
      return splineCoupling(dim, options as SplineCouplingOptions);
    default:
      return builderOf(custom.bijections, 'bijections', kind)(all);
  }
}

function buildDensity({ kind, ...all }: PartDescription, custom: CustomParts): Density {
  const { dim, ...options } = all as { dim: number } & Record<string, Json>;
  switch (kind) {
    case 'class-conditional':
      return classConditional(dim, options as unknown as ClassConditionalOptions);
    case 'diagonal-normal':
      return diagonalNormal(dim);
    case 'gaussian-mixture':
      return gaussianMixture(dim, options as unknown as GaussianMixtureOptions);
    case 'standard-normal':
      return standardNormal(dim);
    default:
      return builderOf(custom.densities, 'densities', kind)(all);
  }
}

function buildPreparation({ kind, ...options }: PartDescription, custom: CustomParts): Preparation {
  const dim = options.dim as number;
  switch (kind) {
    case 'none':
      return noPreparation(dim);
    case 'normalize':
      return normalize(dim);
    case 'project':
      return project(options.inputDim as number, dim);
    case 'sequence':
      return sequence(partsOf('steps', options.steps).map(step => buildPreparation(step, custom)));
    default:
      return builderOf(custom.preparations, 'preparations', kind)(options);
  }
}

/** A part, as far as its kind can be read. */
function partOf(place: string, value: unknown): PartDescription {
  const part = value as PartDescription | null | undefined;
  if (typeof part === 'object' && typeof part?.kind === 'string') return part;
  throw torn(`a part with a kind as '${place}'`, part === undefined ? 'none' : 'something else');
}

function partsOf(place: string, value: unknown): PartDescription[] {
  if (Array.isArray(value)) return value.map(part => partOf(place, part));
  throw torn(`a list of parts as '${place}'`, value === undefined ? 'none' : 'something else');
}

function torn(expected: string, got: string): FlowsError {
  return new FlowsError('CORRUPT_FILE', {
    where: 'description of a flow',
    expected,
    got,
    advice: 'save the flow again',
  });
}

function builderOf<Build>(
  builders: Readonly<Record<string, Build>> | undefined,
  place: keyof CustomParts,
  kind: string,
): Build {
  // A kind such as `toString` is nobody's builder.
  if (builders !== undefined && Object.hasOwn(builders, kind)) return builders[kind]!;
  throw new FlowsError('UNKNOWN_KIND', {
    where: 'loadFlow',
    expected: `a kind of ${place} that is known here`,
    got: `'${kind}'`,
    advice: `pass what builds it: loadFlow(path, { ${place}: { '${kind}': options => … } })`,
  });
}
