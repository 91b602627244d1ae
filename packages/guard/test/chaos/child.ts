import { isOodError } from '@ood/core';
import { exportGuard, fitGuard } from '../../src/index.ts';
import { smallGuard } from './small-guard.ts';

/** Fits a guard, or exports one: `fit OUT ALPHA [overwrite]`, `export GUARD FILE`. Says the code of a typed error; exits 1 with one, 2 with another. */
const [command, first = '', second = '', third] = process.argv.slice(2);
try {
  if (command === 'export') await exportGuard(first, second);
  else await fitGuard(first, smallGuard({ alpha: Number(second), overwrite: third === 'overwrite' }));
} catch (error) {
  process.stdout.write(isOodError(error) ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = isOodError(error) ? 1 : 2;
}
