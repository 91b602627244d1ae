import { CoreError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  addRequiredOption,
  createProgram,
  EXIT,
  GateMissedError,
  type Io,
  parseAlpha,
  parseCount,
  parseNames,
  parseSeed,
  runCommandLine,
} from '../src/index.ts';
import { memoryIo } from '../src/testing.ts';

const about = { command: 'dice', version: '1.2.3', bugs: { url: 'https://example.org/bugs' } };

/** Runs `dice throw`, which does as told. */
async function run(args: readonly string[], act: () => void = () => {}, abort = false) {
  const program = (io: Io) => {
    const all = createProgram(io, about, 'Throws dice');
    const command = all.command('throw').option('--sides <n>', 'of a die', parseCount);
    addRequiredOption(command, '--name <text>', 'of the player').action(act);
    return all;
  };
  const { io, written, abort: stop } = memoryIo();
  if (abort) stop();
  return { code: await runCommandLine(program, args, { io, about }), ...written };
}

const fail = (error: unknown) => () => {
  throw error;
};
const parts = { where: 'file', expected: 'dice', got: '\u001b[31mcards' };

describe('a command line', () => {
  it('does what it is asked, and prints help and version on stdout', async () => {
    expect(await run(['throw', '--name', 'Ada'])).toEqual({ code: EXIT.ok, stdout: '', stderr: '' });
    expect(await run(['--version'])).toMatchObject({ code: EXIT.ok, stdout: '1.2.3\n' });
    expect(await run(['throw', '--help'])).toMatchObject({
      code: EXIT.ok,
      stdout: expect.stringContaining('--sides <n>'),
    });
  });

  it.each([
    ['a mistyped command, also one asked for help', ['thorw', '--help'], 'Did you mean throw?'],
    ['a mistyped flag before a missing one', ['throw', '--nmae', 'Ada'], 'Did you mean --name?'],
    ['a missing flag', ['throw'], "required option '--name <text>' not specified"],
    ['no number', ['throw', '--name', 'Ada', '--sides', '1e3'], 'expected a whole number from 1 to 1024'],
  ])('refuses %s with exit code 2', async (_what, args, message) => {
    expect(await run(args)).toMatchObject({
      code: EXIT.usage,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it.each([
    ['usage', new CoreError('FILE_NOT_FOUND', parts), EXIT.usage],
    ['input', new CoreError('CORRUPT_FILE', parts), EXIT.failed],
    ['environment', new CoreError('DISK_FULL', parts), EXIT.failed],
  ])(
    'ends with the code of an error’s kind: %s; nothing that a terminal would obey is printed',
    async (_kind, error, code) => {
      expect(await run(['throw', '--name', 'Ada'], fail(error))).toEqual({
        code,
        stdout: '',
        stderr: 'error: file: expected dice, got \\x1b[31mcards\n',
      });
    },
  );

  it('tells a gate, an interruption and a defect from failures', async () => {
    const args = ['throw', '--name', 'Ada'];
    expect(await run(args, fail(new GateMissedError('no six')))).toMatchObject({
      code: EXIT.gateMissed,
      stderr: 'no six\n',
    });
    expect(await run(args, fail(new Error('late')), true)).toMatchObject({
      code: EXIT.interrupted,
      stderr: 'interrupted\n',
    });
    const defect = await run(args, fail(new TypeError('x is undefined')));
    expect(defect).toMatchObject({ code: EXIT.failed, stdout: '' });
    expect(defect.stderr).toMatch(
      /^internal error: x is undefined\nThis is a defect of ood\. Please report it at https:\/\/example\.org\/bugs, with the command, "dice 1\.2\.3, Node v/,
    );
  });
});

describe('values of flags', () => {
  it.each<[string, (text: string) => unknown, string, unknown]>([
    ['a count', parseCount, '12', 12],
    ['a seed', parseSeed, '4294967295', 4_294_967_295],
    ['a rate', parseAlpha, '0.05', 0.05],
    ['names', parseNames, 'a, b', ['a', 'b']],
  ])('take %s', (_what, parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each<[string, (text: string) => unknown, string[]]>([
    ['a count', parseCount, ['0', '-1', '1.5', '', '1025', 'x']],
    ['a seed', parseSeed, ['-1', '4294967296', '', ' ', '1e3']],
    ['a rate', parseAlpha, ['0', '1', '', ' ', 'x', 'NaN']],
    ['names', parseNames, ['', 'a,,b', ',']],
  ])('refuse what is no %s', (_what, parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(/expected/);
  });
});
