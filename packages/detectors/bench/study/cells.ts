import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auroc } from '@ood/metrics';

/** One fit of one contestant on one benchmark: what it scored, and what it cost. */
export interface Cell {
  readonly benchmark: string;
  readonly contestant: string;
  readonly seed: number;
  readonly fitted: Readonly<Record<string, number>>;
  /** Processor time of the fit, seconds. */
  readonly cpu: number;
  readonly id: readonly number[];
  readonly ood: readonly {
    readonly set: string;
    readonly near: boolean;
    readonly scores: readonly number[];
  }[];
}

export type Key = Pick<Cell, 'benchmark' | 'contestant' | 'seed'>;

/** Cells kept in a folder, each written whole as soon as it is done, so that a killed run goes on. */
export async function openCells(folder: string) {
  await mkdir(folder, { recursive: true });
  const pathOf = ({ benchmark, contestant, seed }: Key) =>
    join(folder, `${benchmark}.${contestant.replaceAll(/[^\w+-]+/g, '_')}.${seed}.json`);
  return {
    has: (key: Key) => existsSync(pathOf(key)),
    async add(cell: Cell) {
      const path = pathOf(cell);
      await writeFile(`${path}.${process.pid}`, JSON.stringify(cell));
      await rename(`${path}.${process.pid}`, path);
    },
    async all(): Promise<Cell[]> {
      const files = (await readdir(folder)).filter(file => file.endsWith('.json')).sort();
      return Promise.all(files.map(async file => JSON.parse(await readFile(join(folder, file), 'utf8'))));
    },
  };
}

/** AUROC in percent of every OOD set of a cell. */
export function aurocs({ id, ood }: Cell): ReadonlyMap<string, number> {
  return new Map(ood.map(({ set, scores }) => [set, 100 * auroc(id, scores)]));
}
