const marker: unique symbol = Symbol.for('ood.error') as never;

export type FeaturesErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNSUPPORTED'
  | 'DISK_FULL'
  | 'EMPTY_INPUT'
  | 'FILE_CORRUPT'
  | 'FILE_EXISTS'
  | 'FILE_NOT_FOUND'
  | 'FORMAT_UNSUPPORTED'
  | 'IMAGE_ANIMATED'
  | 'IMAGE_CORRUPT'
  | 'IMAGE_EMPTY'
  | 'IMAGE_TOO_LARGE'
  | 'IMAGE_UNSUPPORTED'
  | 'INVALID_ARGUMENT'
  | 'MODEL_INPUT_MISMATCH'
  | 'MODEL_OUTPUT_INVALID'
  | 'NON_FINITE_FEATURES'
  | 'PROVIDER_MISSING'
  | 'SAMPLE_INVALID'
  | 'STORE_INCOMPLETE'
  | 'STORE_MISMATCH'
  | 'VERSION_TOO_NEW'
  | 'WORKER_FAILED'
  | 'WRITE_FAILED';

/**
 * Any error of this package. `message` reads `where: expected …, got …; do …`; `details` holds the same facts as data.
 */
export class FeaturesError extends Error {
  override readonly name = 'FeaturesError';
  readonly code: FeaturesErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [marker] = true;

  constructor(
    code: FeaturesErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** True for a `FeaturesError`, also one made by another installed copy of this package. */
export function isFeaturesError(error: unknown): error is FeaturesError {
  return error instanceof Error && error.name === 'FeaturesError' && marker in error;
}
