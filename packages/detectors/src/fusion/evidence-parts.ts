import type { Matrix } from '@ood/core';
import type { AnyMethod } from '../contract/method.ts';
import { fdbd } from '../methods/fdbd.ts';
import { gen } from '../methods/gen.ts';
import { nnguide } from '../methods/nnguide.ts';
import { react } from '../methods/react.ts';
import { scale } from '../methods/scale.ts';
import { she } from '../methods/she.ts';

/** What any fused detector may hold as evidence. */
export const evidenceMethods: readonly AnyMethod[] = [react, scale, nnguide, she, fdbd, gen];

/** A bank that is exported with the rest: rows, and numbers (15 MB of float32), at most. */
const MOST_BANK = { rows: 5000, numbers: 3_900_000 };
/** SCALE divides sums of features that are meant to be non-negative. */
const MOST_NEGATIVE = 0.01;

export interface EvidenceChoice {
  readonly hasHead: boolean;
  /** Whether neighbors mostly share their class: SHE and NNGuide remember classes and rows, which must describe the data. */
  readonly organized: boolean;
  readonly features: Matrix;
  /** Rows that are fitted on. */
  readonly rows: number;
}

/** The logit evidence of different families that the model allows, with options. */
export function chooseEvidence({
  hasHead,
  organized,
  features,
  rows,
}: EvidenceChoice): readonly { readonly method: AnyMethod; readonly options: object }[] {
  const plain = (method: unknown) => ({ method: method as AnyMethod, options: {} });
  if (!hasHead) return organized ? [plain(gen), plain(she)] : [plain(gen)];
  const scales = negativeShare(features) <= MOST_NEGATIVE ? [plain(scale)] : [];
  if (!organized) return [plain(react), ...scales, plain(fdbd)];
  const bankShare = Math.min(1, MOST_BANK.rows / rows, MOST_BANK.numbers / (rows * features.cols));
  const k = Math.max(1, Math.min(10, Math.floor(bankShare * rows)));
  return [plain(react), ...scales, { method: nnguide as never, options: { k, bankShare } }, plain(she)];
}

function negativeShare({ data }: Matrix): number {
  let negative = 0;
  for (const value of data) if (value < 0) negative++;
  return negative / Math.max(1, data.length);
}
