import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../architecture/workspace.ts';

/** A program in a page: one fenced block of JavaScript or TypeScript, or several that continue one another. */
export interface Example {
  /** `docs/guide/errors.md:28` */
  readonly where: string;
  readonly code: string;
  /** JavaScript is run as it is; TypeScript is typechecked under strict settings besides. */
  readonly language: 'js' | 'ts';
  /** Why it is only typechecked, or undefined where it is run. */
  readonly notRun: string | undefined;
  /** What each `console.log(…); // …` says that it prints, in order; undefined where one says nothing. */
  readonly printed: readonly string[] | undefined;
}

/**
 * The examples of all READMEs of packages and of the site's guides.
 *
 * A comment before a block says how to take it: `<!-- continues -->` joins it to the block before; `<!-- not run: why -->` typechecks
 * it only; `<!-- fragment: why -->` leaves it out.
 */
export function examples(): Example[] {
  return pages().flatMap(file => examplesOf(readFileSync(file, 'utf8'), relative(ROOT, file)));
}

function pages(): string[] {
  const packages = ['packages', 'apps'].flatMap(kind =>
    readdirSync(join(ROOT, kind)).map(folder => join(ROOT, kind, folder, 'README.md')),
  );
  const guides = readdirSync(join(ROOT, 'docs/guide'))
    .filter(name => name.endsWith('.md'))
    .map(name => join(ROOT, 'docs/guide', name));
  return [join(ROOT, 'README.md'), ...packages, ...guides];
}

export function examplesOf(page: string, name: string): Example[] {
  const found: Example[] = [];
  const block = /(?:^<!-- (continues|not run: (.+)|fragment: (.+)) -->\n+)?^```(js|ts)\n([\s\S]*?)^```$/gm;
  for (const match of page.matchAll(block)) {
    const [, directive, notRun, fragment, language, code = ''] = match;
    if (fragment !== undefined) continue;
    const line = page.slice(0, match.index).split('\n').length;
    const before = found.at(-1);
    if (directive === 'continues' && before !== undefined) {
      found[found.length - 1] = { ...before, ...withCode(`${before.code}\n${code}`) };
      continue;
    }
    found.push({ where: `${name}:${line}`, language: language as 'js' | 'ts', notRun, ...withCode(code) });
  }
  return found;
}

function withCode(code: string): Pick<Example, 'code' | 'printed'> {
  const lines = code.split('\n').filter(line => line.includes('console.log('));
  const said = lines.map(line => /\); \/\/ (.*)$/.exec(line)?.[1]);
  return { code, printed: said.every(text => text !== undefined) ? (said as string[]) : undefined };
}
