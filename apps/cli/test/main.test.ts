import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

const run = async (...args: string[]) => {
  const { io, written } = memoryIo();
  return { code: await main(args, io), ...written };
};

describe('main', () => {
  it('prints help on stdout and succeeds', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain('Usage: ood');
    expect(stderr).toBe('');
  });

  it('prints the version', async () => {
    const { code, stdout } = await run('--version');
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['a mistyped command', ['dem'], 'Did you mean demo?'],
    ['a mistyped flag', ['demo', '--jsn'], 'Did you mean --json?'],
    ['an argument too many', ['demo', 'extra'], 'too many arguments'],
    ['a seed that is no number', ['demo', '--seed', 'x'], 'expected a whole number'],
    ['a seed out of range', ['demo', '--seed', '4294967296'], 'expected a whole number'],
    ['no command at all', [], 'Usage: ood'],
  ])('refuses %s with exit code 2 and says what to do', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(EXIT.usage);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });
});
