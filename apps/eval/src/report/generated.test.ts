import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundleClient, bundleFile } from '../../../../tooling/report-client/bundle.ts';

it('carries the script and the style sheet that its client folder holds (else: pnpm report:client)', async () => {
  expect(readFileSync(bundleFile, 'utf8') === (await bundleClient())).toBe(true);
});
