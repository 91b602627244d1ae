import { type CatalogEntry, Store } from '../../src/index.ts';

/** Downloads a data set, to be killed in the middle. */
const [root, entry] = process.argv.slice(2) as [string, string];
await new Store({ root, env: {} }).ensure(JSON.parse(entry) as CatalogEntry);
