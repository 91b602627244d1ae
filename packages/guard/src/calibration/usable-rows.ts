import { GuardError } from '../errors.ts';
import type { RowSet } from '../fit/row-set.ts';
import type { CalibrationSource, RowCounts } from './decision.ts';
import { type PrintSet, printSet } from './row-prints.ts';
import type { Warning } from './warnings.ts';

/** Share of calibration rows that may be training rows by chance (an image that is in a data set twice), and are left out. */
const BY_CHANCE = 0.01;
/** Rows that an error names. */
const NAMED = 3;

/** Which calibration rows count. */
export interface UsableRows {
  /** 1 for each row that is no training row and repeats no other. */
  readonly use: Uint8Array;
  readonly counts: RowCounts;
  readonly warnings: readonly Warning[];
}

/**
 * The calibration rows that are unseen and distinct: rows are told by what their samples hold, and by their features, unless these
 * are alike for samples that differ (of a coarsely quantized model, say).
 *
 * @throws GuardError `SEEN_ROWS` where more than one in a hundred of the rows given for calibration is a training row
 */
export function usableRows(
  calibration: RowSet,
  { train, source }: { readonly train: RowSet | undefined; readonly source: CalibrationSource },
): UsableRows {
  const { prints, samples } = calibration;
  const use = new Uint8Array(prints.rows).fill(1);
  const own = printSet(prints);
  const fitted = train && printSet(train.prints);
  const coarse = isCoarse(calibration, own) || (train !== undefined && isCoarse(train, fitted!));
  const seen: number[] = [];
  if (train && fitted) {
    const contents = new Set(train.samples?.map(({ content }) => content));
    const byFeatures = !(coarse && samples && train.samples);
    for (let row = 0; row < prints.rows; row++) {
      if (!contents.has(samples?.[row]?.content ?? '') && !(byFeatures && fitted.has(prints, row))) continue;
      use[row] = 0;
      seen.push(row);
    }
  }
  const contents = new Set<string>();
  let repeated = 0;
  for (let row = 0; row < prints.rows; row++) {
    if (use[row] === 0) continue;
    const content = samples?.[row]?.content;
    const byFeatures = !(coarse && samples);
    const isRepeated =
      (byFeatures && own.firstOf[row] !== row) || (content !== undefined && contents.has(content));
    if (content !== undefined) contents.add(content);
    if (!isRepeated) continue;
    use[row] = 0;
    repeated++;
  }
  const counts = { given: prints.rows, repeated, seen: seen.length };
  const names = seen.map(row => samples?.[row]?.id ?? `row ${row}`);
  if (source === 'unseen' && seen.length > BY_CHANCE * prints.rows) throw seenRows(counts, names);
  const shared = sharedSources(calibration, train, use);
  return { use, counts, warnings: [...warningsOf(counts, names), ...shared] };
}

/**
 * Boxes and windows that are to calibrate, of images and recordings of which others were fitted on: light and camera, voice and room are no
 * news to the detector.
 */
function sharedSources({ samples }: RowSet, train: RowSet | undefined, use: Uint8Array): Warning[] {
  const sources = new Set(train?.samples?.map(({ whole }) => whole));
  const shared = samples?.filter(({ whole }, row) => use[row] === 1 && sources.has(whole)) ?? [];
  if (shared.length === 0) return [];
  const left = use.reduce((sum, one) => sum + one, 0);
  return [
    {
      code: 'SHARED_SOURCES',
      message:
        `${shared.length} of ${left} calibration inputs are parts of images or recordings of which other parts were fitted on (${listed(shared.map(({ id }) => id))}). ` +
        'Parts of new ones look less typical than these do: expect more false alarms than alpha. Calibrate on parts of others to have the guarantee.',
    },
  ];
}

/** Whether the features of samples that differ are often the same. */
function isCoarse({ samples }: RowSet, { size }: PrintSet): boolean {
  const contents = new Set(samples?.map(({ content }) => content)).size;
  return size < (1 - BY_CHANCE) * contents;
}

function seenRows({ given, seen }: RowCounts, names: readonly string[]): GuardError {
  const share = `${seen} of ${given} that are (${listed(names)})`;
  return new GuardError('SEEN_ROWS', {
    where: 'fitGuard: calibration',
    expected: 'ID inputs that are not among those to fit on',
    got: share,
    advice:
      'give others: a detector finds the rows that it was fitted on more typical than new ones, so that far more ID inputs than alpha would be rejected; where the features are too coarse to tell inputs apart (of a quantized model), give the inputs themselves',
    details: { given, seen, first: names.slice(0, NAMED) },
  });
}

function warningsOf({ given, repeated, seen }: RowCounts, names: readonly string[]): Warning[] {
  return [
    ...(repeated > 0
      ? [
          {
            code: 'REPEATED_ROWS' as const,
            message: `${repeated} of ${given} calibration rows repeat others and were left out: rows that occur twice say nothing new of the threshold.`,
          },
        ]
      : []),
    ...(seen > 0
      ? [
          {
            code: 'SEEN_ROWS' as const,
            message: `${seen} of ${given} calibration rows are among those to fit on (${listed(names)}) and were left out.`,
          },
        ]
      : []),
  ];
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.slice(0, NAMED).join(', ') + more;
}
