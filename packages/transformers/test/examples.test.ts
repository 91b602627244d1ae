import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { env, pipeline } from '@huggingface/transformers';
import { nodeRuntime } from '@ood/onnx/node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as transformersPackage from '../src/index.ts';
import { localModels } from './local-models.ts';

const { path } = localModels('models');
const home = process.cwd();
beforeAll(() => process.chdir(path('..')));
afterAll(() => process.chdir(home));

it.each([
  ['the README', '../README.md', 'intents.guard'],
  ['the guide', '../../../docs/guide/transformers-js.md', 'guide.guard'],
])(
  'the example of %s prints what it says, on the engine of transformers.js alone',
  async (_page, file, folder) => {
    const page = readFileSync(new URL(file, import.meta.url), 'utf8');
    const code = /```ts\n([\s\S]*?)```/.exec(page)![1]!;
    const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    expect(said.length).toBeGreaterThan(1);
    const printed: string[] = [];
    const given = {
      ...transformersPackage,
      env,
      pipeline,
      readFile,
      console: { log: (...values: unknown[]) => printed.push(values.map(shown).join(' ')) },
    };
    // Another version of the engine would not load beside it.
    const otherEngine = vi.spyOn(nodeRuntime, 'createSession');
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const program = code
      .replace(/^import .*$/gm, '')
      .replace('(file: string)', '(file)')
      .replaceAll('intents.guard', folder);
    await new AsyncFunction(...Object.keys(given), program)(...Object.values(given));
    expect(printed).toEqual(said);
    expect(otherEngine).not.toHaveBeenCalled();
  },
);

const shown = (value: unknown): string => (Array.isArray(value) ? `[ ${value.join(', ')} ]` : String(value));
