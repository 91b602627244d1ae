import { printable } from '@ood/core';
import { findOverlap, type OverlapReport } from '@ood/datasets';
import { createProgress, formatTable, GateMissedError, type Io, writeJson } from '@ood/terminal';
import { fileProgress } from './file-progress.ts';
import type { DatasetsContext } from './find-entry.ts';
import { openSamples } from './open-samples.ts';

export interface OverlapOptions {
  readonly a: string;
  readonly b: string;
  readonly json: boolean;
  readonly failOnOverlap: boolean;
}

const LISTED = 20;

/** Reports which images two sets share, exactly or nearly. @throws GateMissedError with `failOnOverlap` where any is. */
export async function runOverlap(
  options: OverlapOptions,
  io: Io,
  context: DatasetsContext = {},
): Promise<void> {
  const files = fileProgress(io, { silent: options.json });
  const [a, b] = [
    await openSamples(options.a, io, files.handlers, context),
    await openSamples(options.b, io, files.handlers, context),
  ];
  files.finish();
  const { decodeImage } = await import('@ood/features');
  const stage = createProgress(io, { silent: options.json }).stage('comparing');
  const total = a.length === undefined || b.length === undefined ? undefined : a.length + b.length;
  const report = await findOverlap(a, b, {
    decode: bytes => decodeImage(bytes),
    signal: io.signal,
    onProgress: ({ done }) => stage.update(total === undefined ? undefined : done / total, `${done} images`),
  });
  stage.done(`${report.compared.a + report.compared.b} images`);
  if (options.json) writeJson(io, report);
  else io.stdout.write(describe(report));
  const shared = report.exactCount + report.nearCount;
  if (options.failOnOverlap && shared > 0)
    throw new GateMissedError(`${options.a} and ${options.b} share images`);
}

function describe(report: OverlapReport): string {
  const { compared, exact, exactCount, near, nearCount, notHashed, undecodable } = report;
  const lines = [
    `compared ${compared.a} with ${compared.b} samples: ${exactCount} equal pairs, ${nearCount} nearly equal pairs`,
  ];
  const notes = notHashed - undecodable.length;
  if (notes > 0) lines.push(`${notes} without structure to compare (flat images, vectors)`);
  if (undecodable.length > 0)
    lines.push(`${undecodable.length} unreadable: ${printable(undecodable.slice(0, 3).join(', '))}`);
  const rows = [
    ...exact.map(pair => [pair.a, pair.b, 'equal', '']),
    ...near.map(pair => [pair.a, pair.b, `${pair.distance} of 64 bits`, pair.similarity.toFixed(3)]),
  ].slice(0, LISTED);
  if (rows.length > 0) {
    const columns = [
      { title: 'first set', align: 'left' },
      { title: 'second set', align: 'left' },
      { title: 'difference', align: 'left' },
      { title: 'correlation' },
    ] as const;
    lines.push('', formatTable(columns, rows));
    const more = exactCount + nearCount - rows.length;
    if (more > 0) lines.push(`… and ${more} more (--json lists up to 1000 of each kind)`);
  }
  return `${lines.join('\n')}\n`;
}
