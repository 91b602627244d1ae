import { errorToData } from '@ood/core';
import { writeCell } from './cells.ts';
import { type CellJob, measureCell } from './measure-cell.ts';
import { loadBackbone, type PreparedBackbone } from './prepare-backbone.ts';

/** What a worker is asked. */
export interface CellRequest extends CellJob {
  readonly out: string;
  readonly backbone: PreparedBackbone;
}

/** What it answers: the cell is kept, or why there is none. */
export type CellAnswer = { readonly done: true } | { readonly error: ReturnType<typeof errorToData> };

// Ctrl-C reaches all processes of a terminal; whoever started this one ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

let loaded: { readonly digest: string; readonly parts: ReturnType<typeof loadBackbone> } | undefined;

process.on('message', async ({ out, backbone, ...job }: CellRequest) => {
  const answer = await measure(out, backbone, job).then(
    (): CellAnswer => ({ done: true }),
    (error: unknown): CellAnswer => ({ error: errorToData(error) }),
  );
  process.send?.(answer);
});

async function measure(out: string, backbone: PreparedBackbone, job: CellJob): Promise<void> {
  if (loaded?.digest !== backbone.digest) loaded = { digest: backbone.digest, parts: loadBackbone(backbone) };
  await writeCell(out, await measureCell(job, await loaded.parts, () => performance.now()));
}
