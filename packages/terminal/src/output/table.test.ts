import { expect, it } from 'vitest';
import { formatTable } from './table.ts';

it('aligns columns, draws rules and trims line ends', () => {
  const table = formatTable(
    [{ title: 'set', align: 'left' }, { title: 'AUROC' }, { title: 'note', align: 'left' }],
    [['digits', '98.2', ''], 'rule', ['mean', '7.0', 'ok']],
  );
  expect(table.split('\n')).toEqual([
    'set     AUROC  note',
    '───────────────────',
    'digits   98.2',
    '───────────────────',
    'mean      7.0  ok',
  ]);
});
