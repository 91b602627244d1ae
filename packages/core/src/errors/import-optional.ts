import { CoreError } from './core-error.ts';

export interface OptionalPackage {
  /** What needs the package, for the message. */
  readonly where: string;
  readonly name: string;
  /** What to do where it is not installed: the command. */
  readonly advice: string;
}

/** Imports what needs a package that is not installed with ours. @throws CoreError `MISSING_PACKAGE` with the command that installs it. */
export async function importOptional<Module>(
  load: () => Promise<Module>,
  wanted: OptionalPackage,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw missingPackage(cause, wanted) ?? cause;
  }
}

/** The refusal of a package that is not installed; undefined for any other failure of an import. */
export function missingPackage(
  cause: unknown,
  { where, name, advice }: OptionalPackage,
): CoreError | undefined {
  const { code, message = '' } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (!isMissing || !message.includes(`'${name}'`)) return undefined;
  return new CoreError('MISSING_PACKAGE', {
    where,
    expected: `the package ${name}`,
    got: 'none installed',
    advice,
    details: { name },
    cause,
  });
}
