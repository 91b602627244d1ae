import { expect, it } from 'vitest';
import * as browser from '../../src/node/browser.ts';
import * as node from '../../src/node/index.ts';

it('has a stand-in for every function, which says where it can be used', () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  for (const [name, call] of Object.entries(browser))
    expect(call).toThrow(expect.objectContaining({ code: 'NODE_ONLY', kind: 'usage', where: name }));
});
