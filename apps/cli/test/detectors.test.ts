import { detectorNames } from '@ood/detectors';
import { memoryIo } from '@ood/terminal/testing';
import { expect, it } from 'vitest';
import { main } from '../src/main.ts';

async function run(...args: string[]) {
  const { io, written } = memoryIo();
  return { code: await main(['detectors', ...args], io), ...written };
}

it('lists every detector with its family, what it is fitted on, its costs and one line', async () => {
  const { code, stdout, stderr } = await run();
  const lines = stdout.split('\n').map(line => line.split(/ {2,}/));
  expect([code, stderr]).toEqual([0, '']);
  expect(lines.slice(2, 2 + detectorNames.length).map(([name]) => name)).toEqual([...detectorNames]);
  const row = lines.find(([name]) => name === 'react');
  expect(row).toEqual([
    'react',
    'activations',
    'raw features, head',
    'a quantile',
    'd C',
    'energy after features are cut at a percentile',
  ]);
  expect(lines.find(([name]) => name === 'knn')?.[2]).toBe('features');
  expect(lines.find(([name]) => name === 'energy')?.[2]).toBe('nothing');
});

it('prints one JSON document, with what a program needs to choose', async () => {
  const { code, stdout } = await run('--json');
  const { schemaVersion, detectors } = JSON.parse(stdout);
  expect([code, schemaVersion, detectors.length]).toEqual([0, 1, detectorNames.length]);
  expect(detectors.find(({ name }: { name: string }) => name === 'vim')).toMatchObject({
    family: 'distance',
    needs: ['features', 'logits', 'head'],
    reads: ['features', 'logits'],
    rawFeatures: true,
    cost: { fit: 'one pass, n d²' },
    options: { principalDimensions: null },
    paper: expect.stringContaining('2022'),
  });
});

it('tells all about one', async () => {
  const { stdout } = await run('fde');
  for (const part of ['flow auto', 'epochs by the data', 'features', 'Cook, Lavoie and Waslander'])
    expect(stdout).toContain(part);
});

it('refuses a name that no detector has, with those that there are', async () => {
  const { code, stdout, stderr } = await run('mahalonobis');
  expect([code, stdout]).toEqual([2, '']);
  for (const part of ['mahalonobis', 'one of', 'mahalanobis++']) expect(stderr).toContain(part);
});
