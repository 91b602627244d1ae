import { throwIfAborted } from '@ood/core';
import { type CalibrationSource, requireEnough } from '../calibration/decision.ts';
import { holdOut } from '../calibration/hold-out.ts';
import { type UsableRows, usableRows } from '../calibration/usable-rows.ts';
import { checkProvenance } from './check-rows.ts';
import { type OpenModel, openModel } from './open-model.ts';
import type { CheckedOptions } from './options.ts';
import type { Resources } from './resources.ts';
import { type RowSet, readRows, subsetOf } from './row-set.ts';

/** Share of the fitting rows that calibrates where no other rows do. */
const HELD_OUT = 0.2;

/** All that a fit needs: the model, the rows to fit on, and those to calibrate on. */
export interface Prepared extends OpenModel {
  /** Absent for a detector that was handed in without training rows. */
  readonly train: RowSet | undefined;
  readonly calibration: RowSet & UsableRows & { readonly source: CalibrationSource };
}

/** Opens the model and reads all rows, so that whatever is wrong with them is said before the long work of fitting. */
export async function prepare(options: CheckedOptions, resources: Resources): Promise<Prepared> {
  const open = await openModel(options, resources);
  const { train: fitted, calibration: given, signal, seed, alpha } = options;
  for (const [option, source] of Object.entries({ train: fitted, calibration: given }))
    if (source)
      checkProvenance(source, { option, backbone: open.backbone, preprocessing: options.preprocessing });
  const unseen = given && (await readRows(open, given, 'calibration'));
  throwIfAborted('fitGuard', signal);
  const all = fitted && (await readRows(open, fitted, 'train'));
  throwIfAborted('fitGuard', signal);

  const isHeld = all ? heldOut(all, seed) : new Uint8Array();
  const train = all && (unseen ? all : subsetOf(all, row => isHeld[row] === 0));
  const source = unseen ? 'unseen' : 'held-out';
  const calibration = unseen ?? subsetOf(all!, row => isHeld[row] === 1);
  const usable = usableRows(calibration, { train, source });
  const left = usable.use.reduce((sum, one) => sum + one, 0);
  requireEnough(left, { alpha, source, rows: usable.counts });
  return { ...open, train, calibration: { ...calibration, ...usable, source } };
}

/** 1 for each row that is held out; boxes of one image and windows of one recording together, which are no strangers to each other. */
function heldOut({ prints, samples }: RowSet, seed: number): Uint8Array {
  const draw = holdOut({ seed, fraction: HELD_OUT });
  const drawn = new Map<string, boolean>();
  return Uint8Array.from({ length: prints.rows }, (_, row) => {
    const sample = samples?.[row];
    if (sample === undefined || sample.whole === sample.content) return draw() ? 1 : 0;
    const isHeld = drawn.get(sample.whole) ?? draw();
    drawn.set(sample.whole, isHeld);
    return isHeld ? 1 : 0;
  });
}
