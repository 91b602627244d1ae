import { auroc } from '@ood/metrics';
import { applyHead } from '../src/contract/training.ts';
import { fitDetector } from '../src/index.ts';
import { openProducts } from '../src/linear-algebra/products.ts';
import { loadBenchmarks } from './support/benchmarks.ts';
import { splitIndices, takeRows } from './support/split.ts';

const [which, ...specs] = process.argv.slice(2);
const products = openProducts({ threads: 1 });
for (const b of await loadBenchmarks()) {
  if (which !== 'all' && !which!.split(',').includes(b.name.split('-')[0]!)) continue;
  const logits = b.train.logits ?? (await applyHead(b.head, b.train.features, products));
  const rows = { ...b.train, logits };
  for (const spec of specs) {
    const [name, opts] = spec.split('@');
    const t = Date.now();
    const { rest } = splitIndices(rows.features.rows, 0.2, 1);
    const o = JSON.parse(opts ?? '{}');
    const all = o.all;
    delete o.all;
    const d = await fitDetector(name!, all ? rows : takeRows(rows, rest), { head: b.head, threads: 1, ...o });
    const fit = Date.now() - t;
    const test = await d.score(b.test);
    const v: string[] = [];
    let far = 0,
      n = 0;
    for (const s of b.ood) {
      const a = 100 * auroc([...test], [...(await d.score(s.rows))]);
      v.push(`${s.name}${s.near ? '*' : ''} ${a.toFixed(2)}`);
      if (!s.near) {
        far += a;
        n++;
      }
    }
    console.log(
      b.name,
      spec,
      v.join(' '),
      'far',
      (far / n).toFixed(2),
      JSON.stringify(d.describe().fitted),
      `fit ${fit} total ${Date.now() - t}`,
    );
    await d.close();
  }
}
