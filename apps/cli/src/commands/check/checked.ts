import type { RawExplanation, Refusal, Verdict } from '@ood/guard';

/** What was found about one image. */
export type Checked = { readonly image: string } & (
  | { readonly verdict: Verdict; readonly explanation?: RawExplanation }
  | { readonly refusal: Refusal }
);
