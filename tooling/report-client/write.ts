/** Bundles the script and the style sheet of the report page into apps/eval: `pnpm report:client`, after a change to its client folder. */
import { writeFileSync } from 'node:fs';
import { bundleClient, bundleFile } from './bundle.ts';

writeFileSync(bundleFile, await bundleClient());
console.log(`Wrote ${bundleFile}`);
