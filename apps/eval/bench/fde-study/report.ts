import type { Fit } from './fits.ts';
import { aurocTable, groupMean, markdown, type StudiedSet } from './tables.ts';
import { BASELINES, FDE, FDE_LONG, GRID, OURS, TRAINED, TRAINED_LONG } from './variants.ts';

/** How far below the best baseline's mean far-OOD AUROC a setting may lie to be chosen. */
const FAR_SLACK = 0.001;

/** The whole study as Markdown. */
export function report(sets: readonly StudiedSet[], fits: readonly Fit[]): string {
  const names = (variants: readonly { name: string }[]): string[] => variants.map(({ name }) => name);
  return `# The study behind the \`fde\` preset

Made by \`pnpm --filter @ood/eval study:fde\`; do not edit. AUROC in percent (OOD positive), the mean over seeds ± half of its 95 %
interval over seeds (not over samples: with 1,000 ID test images that adds about 0.7). Every detector is fitted on ID
training rows only. One thread; the machine was busy with other work, so read no more than the order of the fit times. Cells without ± are one seed; \`seeds\` is the largest number over the benchmarks.

## Against the baselines

${aurocTable([...names(BASELINES), ...names(OURS)], sets, fits)}

## Against the goals

${goals(sets, fits)}

## Longer training

The paper's pitfall: the likelihood of held-out rows goes on improving after near-OOD detection has begun to suffer. So \`fde\` returns
the flow halfway between its first weights and its best (\`interpolation\` 0.5, a mean in weight space as in Wortsman et al. 2022,
"Robust fine-tuning of zero-shot models"). What four times the epochs change, in points of AUROC:

${longer(sets, fits)}

## What it shows, and what it does not

- \`fde\` here is the flow alone, now \`fde-flow\`. On these three benchmarks it is above KNN and Mahalanobis++ near the distribution, by 0.2 to 1.0, and level with the better
  of them far from it on average. It does not hold everywhere: on ImageNet-1k (1,000 classes, 1,750 ID rows) it fell to 73.6 on textures, where KNN has 94.3.
  What replaced it as \`fde\`: [fde](./fde).
- Most of its gain is in the closed form that it starts from ("untrained"); training added 0.3 near the distribution on average.
- All the way to the best likelihood, 64-dimensional features gain a little more and Imagenette's 256 directions lose; halfway, none
  loses much, however long one trains. Networks twice as wide change next to nothing.
- The rows of the paper's recipe are **not** the paper's recipe at its length. They ran its number of epochs on these few rows: 16, 38 and 80 steps, where the paper's
  epoch is 5,125. At 5,125 steps (Adam 1e-5, batches of 250) our own \`glow()\` reached (one seed, measured apart from this command) 86.4 on TinyImageNet, 95.5 on DTD and 98.6 on MNIST, and on digits 97.9 on
  Omniglot and 99.3 on Fashion, where this \`fde\` has 97.0 and 99.4. This table has yet to be run again at matched steps.
- Without labels, clusters of the features cost about 0.7 near the distribution (at most 1.2): \`fde\` is then level with the best
  baseline, some of which need labels themselves, instead of above it.
- Before the choice of 0.5 we had looked at 0.5, 0.75 and 1 on these very sets: three benchmarks are few to choose by, and the
  next section leaves one out for γ and σ only.

## How γ and σ were chosen

γ: how far directions in which the classes do not differ count less (\`background\`). σ: noise in whitened units. One setting for
all data, chosen by leaving one benchmark out: among the settings whose mean far-OOD AUROC on the *other* benchmarks is at most
${(FAR_SLACK * 100).toFixed(1)} below the best baseline's there, the one with the best near-OOD AUROC there.

${aurocTable(names(GRID), sets, fits)}

${heldOut(sets, fits)}
`;
}

/** `fde` beside the best baseline: near, on every benchmark; far, on average. */
function goals(sets: readonly StudiedSet[], fits: readonly Fit[]): string {
  const near = sets.filter(({ group }) => group === 'near').map(set => [`${set.set} (near)`, [set]] as const);
  const far = sets.filter(({ group }) => group === 'far');
  const rows = [...near, ['mean far', far] as const].map(([name, own]) => {
    const [ours, others] = [groupMean(FDE.name, own, fits), best(own, fits)];
    return [name, percent(ours), percent(others), signed(ours - others)];
  });
  return markdown(['', 'fde', 'best baseline there', 'difference'], rows);
}

/** What four times the epochs change, on the seeds that both have. */
function longer(sets: readonly StudiedSet[], fits: readonly Fit[]): string {
  const head = ['', ...sets.map(({ set, group }) => `${set} (${group})`), 'seeds'];
  const rows = (
    [
      [FDE.name, FDE_LONG.name],
      [TRAINED.name, TRAINED_LONG.name],
    ] as const
  ).map(([short, long]) => {
    const seeds = new Set(fits.filter(({ variant }) => variant === long).map(({ seed }) => seed));
    const shared = fits.filter(({ seed }) => seeds.has(seed));
    const changes = sets.map(set => signed(groupMean(long, [set], shared) - groupMean(short, [set], shared)));
    return [short, ...changes, String(seeds.size)];
  });
  return markdown(head, rows);
}

function signed(fraction: number): string {
  return `${fraction < 0 ? '−' : '+'}${percent(Math.abs(fraction))}`;
}

function heldOut(sets: readonly StudiedSet[], fits: readonly Fit[]): string {
  const benchmarks = [...new Set(sets.map(({ benchmark }) => benchmark))];
  const rows = benchmarks.map(benchmark => {
    const chosen = choose(
      sets.filter(set => set.benchmark !== benchmark),
      fits,
    );
    const own = sets.filter(set => set.benchmark === benchmark);
    const baseline = (group: string) =>
      best(
        own.filter(set => set.group === group),
        fits,
      );
    const ours = (group: string) =>
      groupMean(
        chosen,
        own.filter(set => set.group === group),
        fits,
      );
    return [
      benchmark,
      chosen,
      ...(['near', 'far'] as const).flatMap(group => [percent(ours(group)), percent(baseline(group))]),
    ];
  });
  return markdown(
    ['left out', 'chosen on the others', 'near there', 'best baseline', 'far there', 'best baseline'],
    rows,
  );
}

/** The setting with the best near-OOD mean among those that keep far-OOD. */
function choose(sets: readonly StudiedSet[], fits: readonly Fit[]): string {
  const far = sets.filter(({ group }) => group === 'far');
  const near = sets.filter(({ group }) => group === 'near');
  const floor = best(far, fits) - FAR_SLACK;
  const nearOf = (name: string): number => groupMean(name, near, fits);
  const kept = GRID.filter(({ name }) => groupMean(name, far, fits) >= floor);
  return (kept.length > 0 ? kept : GRID).toSorted((a, b) => nearOf(b.name) - nearOf(a.name))[0]!.name;
}

function best(sets: readonly StudiedSet[], fits: readonly Fit[]): number {
  return Math.max(...BASELINES.map(({ name }) => groupMean(name, sets, fits)).filter(Number.isFinite));
}

function percent(fraction: number): string {
  return (100 * fraction).toFixed(2);
}
