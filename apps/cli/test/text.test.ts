import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intents, queries, textModel, wordTokenizer } from '../../../tooling/vitest/text-model.ts';
import { main } from '../src/main.ts';

let folder = '';
const run = async (args: string, stdin?: string) => {
  const { io, written } = memoryIo({
    cwd: folder,
    ...(stdin !== undefined && { stdin: [Buffer.from(stdin)] }),
  });
  return { code: await main(args.split(' '), io), ...written };
};
const names = Object.keys(intents);
const jsonl = (samples: ReturnType<typeof queries>) =>
  samples
    .map(({ id, text, label }) => JSON.stringify({ id: `q${id}`, text, label: label && names[label] }))
    .join('\n');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-cli-text-'));
  const write = (file: string, content: string | Uint8Array) => writeFile(join(folder, file), content);
  await mkdir(join(folder, 'bert/onnx'), { recursive: true });
  await write('bert/onnx/model.onnx', textModel());
  await write('bert/tokenizer.json', wordTokenizer());
  await write('bert/tokenizer_config.json', '{"model_max_length": 32, "pad_token": "[PAD]"}');
  await write(
    'bert/config.json',
    JSON.stringify({ id2label: Object.fromEntries(names.map((name, i) => [i, name])) }),
  );
  await write('alone.onnx', textModel({ length: 24, types: false }));
  await write('train.jsonl', jsonl(queries(300)));
  await write('calibrate.jsonl', `${jsonl(queries(150, { seed: 2 }))}\n{"text": 5}\n{"torn\n`);
  const csv = queries(60, { seed: 3 }).map(({ text, label }) => `"${text}",${names[label!]}`);
  await write('test.csv', `utterance,intent\n${csv.join('\n')}\nonly one cell\n`);
  await write(
    'out.txt',
    queries(60, { seed: 4, scope: false })
      .map(({ text }) => text)
      .join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('texts on the command line', () => {
  it('fit, check, score and export', async () => {
    const fit = await run(
      'fit --model bert/onnx/model.onnx --text train.jsonl --calibrate calibrate.jsonl --detector mahalanobis++ --out g --json',
    );
    expect(fit.stderr).toMatch(
      /note: line 151: expected a JSON object with "text".*: refused\nnote: line 152: .*"\{\\"torn"/,
    );
    expect(fit.code).toBe(EXIT.ok);
    expect(JSON.parse(fit.stdout)).toMatchObject({
      trainingRows: 300,
      refused: { train: 0, calibration: 2 },
      classes: names,
    });

    const score = async (args: string) => {
      const { code, stdout, stderr } = await run(`score --guard g ${args} --json`);
      expect(code, stderr).toBe(EXIT.ok);
      return JSON.parse(stdout).counts;
    };
    const inside = await score('--text test.csv --text-column utterance --out in.csv');
    expect(inside).toMatchObject({ images: 61, refused: 1 });
    expect(inside.ood).toBeLessThan(12);
    const outside = await score('--text out.txt --out out.csv');
    expect(outside).toMatchObject({ images: 60, refused: 0 });
    expect(outside.ood).toBeGreaterThan(54);
    const lines = (await readFile(join(folder, 'in.csv'), 'utf8')).trim().split('\n');
    expect(lines.at(-1)).toBe('62,,,,,,SAMPLE_INVALID');

    const checked = await run(
      'check --guard g --text - --fail-on-ood',
      'what is my savings account balance\nplay a song of the dragon\n',
    );
    expect(checked.code).toBe(EXIT.gateMissed);
    expect(checked.stdout).toMatch(/^1 {2}ID .*predicted balance.*\n2 {2}OOD/);
    const pair = await run(
      'check --guard g --text - --json',
      '{"text": "what is my balance", "pair": "send dollars"}\n{"x": 1}\n',
    );
    expect(JSON.parse(pair.stdout)).toMatchObject({
      images: [
        { image: '1', verdict: { isOod: expect.any(Boolean) } },
        { image: '2', refusal: { reason: /./ } },
      ],
    });

    const exported = await run('export --guard g --out g.onnx');
    expect(exported.code, exported.stderr).toBe(EXIT.ok);
  });

  it('extract to a store, on which a guard is fitted as well', async () => {
    const extract = await run('extract --model bert/onnx/model.onnx --text train.jsonl --out train.arrow');
    expect(extract.code, extract.stderr).toBe(EXIT.ok);
    expect(extract.stdout).toContain('300 rows of 12 features');
    const fit = await run(
      'fit --model bert/onnx/model.onnx --features train.arrow --calibrate calibrate.jsonl --detector mahalanobis++ --out stored',
    );
    expect(fit.code, fit.stderr).toBe(EXIT.ok);
    const shorter = await run(
      'fit --model bert/onnx/model.onnx --features train.arrow --max-length 9 --calibrate calibrate.jsonl --detector mahalanobis++ --out other',
    );
    expect(shorter.stderr).toMatch(/expected features of the preprocessing with SHA-256/);
    expect(shorter.code).toBe(EXIT.failed);
  });

  it('take the tokenizer that is named', async () => {
    const { code, stderr } = await run(
      'fit --model alone.onnx --text train.jsonl --tokenizer bert --detector mahalanobis++ --out alone',
    );
    expect(code, stderr).toBe(EXIT.ok);
  });

  it.each([
    [
      'a model without a tokenizer',
      'fit --model alone.onnx --text train.jsonl --out no',
      EXIT.usage,
      /expected a tokenizer.json beside the model/,
    ],
    [
      'two sources',
      'fit --model alone.onnx --text train.jsonl --images x --out no',
      EXIT.usage,
      /either --images or --text or --audio or --features, got both/,
    ],
    [
      'a column that is not there',
      'score --guard g --text test.csv --out no.csv',
      EXIT.failed,
      /column "text" in the first line, got "utterance", "intent"/,
    ],
    [
      'images for a guard of texts',
      'check --guard g out.txt',
      EXIT.usage,
      /expected a guard of images, got one of texts; give texts by --text/,
    ],
    [
      'a length of none',
      'fit --model alone.onnx --text train.jsonl --max-length 0 --out no',
      EXIT.usage,
      /at least 1/,
    ],
  ])('refuse %s', async (_, args, expected, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });
});
