import { expect, it } from 'vitest';
import * as browser from '../src/node/browser.ts';
import * as node from '../src/node/index.ts';

it('has a stand-in for everything of Node, which says what to use instead', () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  for (const call of [browser.readModel, browser.nodeRuntime.createSession])
    expect(call).toThrow(expect.objectContaining({ code: 'NODE_ONLY', kind: 'usage' }));
});
