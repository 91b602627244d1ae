import { CoreError } from './core-error.ts';
import { isOodError } from './ood-error.ts';

/** An error as plain data, for a message to another thread or process. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** The error's own fields: code, kind, the parts of the message, details. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether it is an error of an `@ood` package. */
  readonly known: boolean;
  readonly cause?: ErrorData | undefined;
}

/** Longest chain of causes that crosses. */
const MOST_CAUSES = 8;

/** An error with all its own fields as data that survives a structured clone. */
export function errorToData(error: unknown, causes = MOST_CAUSES): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {}, known: false };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (name === 'name' || name === 'cause' || value === undefined) continue;
    const plain = toPlain(value);
    if (plain !== undefined) fields[name] = plain;
  }
  const cause = error.cause === undefined || causes === 0 ? undefined : errorToData(error.cause, causes - 1);
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    fields,
    known: isOodError(error),
    ...(cause && { cause }),
  };
}

/** The error again, recognised by name, fields and marker like the original. */
export function errorFromData({ name, message, stack, fields, known, cause }: ErrorData): Error {
  const options = cause === undefined ? undefined : { cause: errorFromData(cause) };
  const error = known
    ? new CoreError('WORKER_FAILED', { where: '', expected: '', got: '', cause: options?.cause })
    : new Error(message, options);
  for (const [key, value] of Object.entries({ ...fields, name, message, stack }))
    Object.defineProperty(error, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: Object.hasOwn(fields, key),
    });
  return error;
}

/** What JSON can say of a value; undefined where it can say nothing. */
function toPlain(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'bigint' || (typeof inner === 'number' && !Number.isFinite(inner))
        ? String(inner)
        : inner instanceof Error
          ? `${inner.name}: ${inner.message}`
          : inner,
    );
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
