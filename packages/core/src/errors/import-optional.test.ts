import { expect, it } from 'vitest';
import { importOptional } from './import-optional.ts';

const wanted = { where: 'training', name: 'no-such-package', advice: 'npm install no-such-package' };
const notFound = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from a.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

it('hands on what was imported', async () => {
  expect(await importOptional(async () => 1, wanted)).toBe(1);
});

it('names the package that is not installed and the command', async () => {
  const loading = importOptional(() => Promise.reject(notFound('no-such-package')), wanted);
  await expect(loading).rejects.toMatchObject({
    code: 'MISSING_PACKAGE',
    kind: 'environment',
    message:
      'training: expected the package no-such-package, got none installed; npm install no-such-package',
  });
});

it.each([
  ['another package', notFound('other')],
  ['a defect', new TypeError("'no-such-package' is not a function")],
])('leaves the error of %s', async (_, error) => {
  await expect(importOptional(() => Promise.reject(error), wanted)).rejects.toBe(error);
});
