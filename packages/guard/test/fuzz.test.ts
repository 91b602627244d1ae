import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, isOodError, type Random } from '@ood/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitGuard, openGuard } from '../src/index.ts';
import { smallGuard } from './chaos/small-guard.ts';

/** How long each fuzzer runs: `OOD_FUZZ_SECONDS`. */
const SECONDS = Number(process.env.OOD_FUZZ_SECONDS ?? 4);
/** Another stream of mutations: `OOD_FUZZ_SEED`. */
const SEED = Number(process.env.OOD_FUZZ_SEED ?? 1);

let root = '';
let whole = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ood-fuzz-'));
  whole = join(root, 'whole');
  await fitGuard(whole, smallGuard());
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Opens what a mutation made; whatever is wrong with it must be said by a typed error, and soon. */
async function tryOpen(folder: string, what: string): Promise<'opened' | string> {
  const hangs = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${what}: took longer than a minute`)), 60_000).unref();
  });
  try {
    const guard = await Promise.race([openGuard(folder, { worker: false }), hangs]);
    const { score, pValue } = await guard.check(Float32Array.from({ length: 8 }, (_, i) => i / 8));
    expect([Number.isFinite(score), pValue > 0 && pValue <= 1], what).toEqual([true, true]);
    await guard.explain(Float32Array.from({ length: 8 }, (_, i) => i / 8));
    await guard.close();
    return 'opened';
  } catch (error) {
    if (!isOodError(error)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    return error.code;
  }
}

const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  -1e308,
  '',
  'x',
  '../x',
  '/dev/zero',
  'probes/0.png',
  '__proto__',
  'x'.repeat(5000),
  [],
  [null],
  {},
  { length: 3 },
  { __proto__: null, a: [] },
  [[[[]]]],
  'NaN',
  '\u0000',
  '\ud800',
];

/** A copy: what is put into a manifest may be changed there. */
const odd = (random: Random): unknown => structuredClone(ODD[random.below(ODD.length)]);

/** All containers of a JSON value, each with its keys. */
function places(value: unknown): [container: Record<string, unknown>, key: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Record<string, unknown>;
  return Object.keys(container).flatMap(key => [
    [container, key] as [typeof container, string],
    ...places(container[key]),
  ]);
}

/** One change of a parsed manifest, in place; what it was. */
function mutate(manifest: object, random: Random): string {
  const all = places(manifest);
  const [container, key] = all[random.below(all.length)]!;
  const kind = random.below(5);
  if (kind === 0) {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
    return `without ${key}`;
  }
  if (kind === 1) {
    const [other, otherKey] = all[random.below(all.length)]!;
    container[key] = structuredClone(other[otherKey]);
    return `${key} of ${otherKey}`;
  }
  if (kind === 2 && typeof container[key] === 'number') {
    container[key] = (container[key] as number) * [-1, 0.5, 2, 1e9, 1 + 2 ** -20][random.below(5)]!;
    return `${key} times something`;
  }
  if (kind === 3 && !Array.isArray(container)) {
    const name = ['__proto__', 'constructor', 'toString', 'extra'][random.below(4)]!;
    // Defined, as JSON.parse does: assigning to `__proto__` would do something else.
    const value = odd(random);
    Object.defineProperty(container, name, { value, enumerable: true, configurable: true, writable: true });
    return `more beside ${key}`;
  }
  container[key] = odd(random);
  return `${key} = ${JSON.stringify(container[key])?.slice(0, 40)}`;
}

async function* seconds(): AsyncGenerator<number> {
  const end = performance.now() + 1000 * SECONDS;
  for (let i = 0; performance.now() < end; i++) yield i;
}

it('a guard.json changed in any value opens, or is refused by a typed error', async () => {
  const folder = join(root, 'values');
  await cp(whole, folder, { recursive: true });
  const text = await readFile(join(whole, 'guard.json'), 'utf8');
  const random = createRandom(SEED, 'values');
  const outcomes = new Map<string, number>();
  for await (const i of seconds()) {
    const manifest = JSON.parse(text);
    const changes = Array.from({ length: 1 + random.below(3) }, () => mutate(manifest, random));
    // 1e999 is a number to JSON, infinity to JavaScript.
    const changed = JSON.stringify(manifest).replace(/1e\+308/g, '1e999');
    await writeFile(join(folder, 'guard.json'), changed);
    const outcome = await tryOpen(folder, `values ${i}: ${changes.join(', ')}`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect(outcomes.get('CORRUPT_FILE'), JSON.stringify([...outcomes])).toBeGreaterThan(0);
});

it('a guard.json changed in any byte opens, or is refused by a typed error', async () => {
  const folder = join(root, 'bytes');
  await cp(whole, folder, { recursive: true });
  const bytes = await readFile(join(whole, 'guard.json'));
  const random = createRandom(SEED, 'bytes');
  for await (const i of seconds()) {
    const changed = mutateBytes(bytes, random);
    await writeFile(join(folder, 'guard.json'), changed);
    await tryOpen(folder, `bytes ${i}`);
  }
});

it('any other file changed, under the hash that it then has, opens or is refused by a typed error', async () => {
  const folder = join(root, 'files');
  await cp(whole, folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(whole, 'guard.json'), 'utf8'));
  const names = Object.keys(manifest.files);
  const random = createRandom(SEED, 'files');
  for await (const i of seconds()) {
    const name = names[random.below(names.length)]!;
    const original = await readFile(join(whole, name));
    const changed = mutateBytes(original, random);
    await writeFile(join(folder, name), changed);
    const files = { ...manifest.files, [name]: createHash('sha256').update(changed).digest('hex') };
    await writeFile(join(folder, 'guard.json'), JSON.stringify({ ...manifest, files }));
    await tryOpen(folder, `files ${i}: ${name}`);
    await writeFile(join(folder, name), original);
  }
});

/** A few bytes changed, cut out, doubled, or the end cut off. */
function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = random.below(bytes.length);
  switch (random.below(5)) {
    case 0:
      return changed.subarray(0, at);
    case 1:
      return Buffer.concat([
        changed.subarray(0, at),
        changed.subarray(Math.min(bytes.length, at + 1 + random.below(64))),
      ]);
    case 2:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(Math.max(0, at - 32))]);
    default:
      for (let k = 0; k <= random.below(4); k++) changed[random.below(bytes.length)] = random.below(256);
      return changed;
  }
}
