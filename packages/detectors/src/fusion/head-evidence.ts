import type { DetectorDescription } from '../contract/detector.ts';

/** What a head's logits are worth as evidence of OOD inputs, measured on ID rows alone. */
export interface HeadEvidence {
  /** AUROC of ReAct between ID rows and rows whose coordinates were mixed from two of them. */
  readonly gate: number;
  /** Weight of the logits against the density's 1 in the fused score. */
  readonly weight: number;
  readonly carries: 'nothing' | 'some' | 'much';
  /** The same in a sentence, with the numbers. */
  readonly message: string;
}

/** Gates between which logits carry some: below on digits and on three small networks, whose logits misled; above where they helped most. */
const SOME = { from: 0.83, to: 0.87 };

/** What a fused detector found the logits to be worth; `undefined` for one that did not ask: another detector, or no head. */
export function headEvidenceOf({ fitted }: Pick<DetectorDescription, 'fitted'>): HeadEvidence | undefined {
  const { gate, evidenceWeight: weight } = fitted;
  if (gate === undefined || weight === undefined) return undefined;
  const carries = gate < SOME.from ? 'nothing' : gate > SOME.to ? 'much' : 'some';
  const found = {
    nothing: 'On this model, logits carry no far-OOD evidence',
    some: 'On this model, logits carry some OOD evidence',
    much: 'On this model, logits carry OOD evidence',
  }[carries];
  const leans = carries === 'nothing' ? 'the score leans on the density' : 'the score takes both';
  const message = `${found}: the head tells ID features from mixtures of two of them with AUROC ${gate.toFixed(2)}, so ${leans} (weight of logits ${weight.toFixed(2)}, of the density 1).`;
  return { gate, weight, carries, message };
}
