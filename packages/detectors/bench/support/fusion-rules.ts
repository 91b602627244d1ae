import { fitSmoothedTail, smoothedLogPValues } from '@ood/metrics';

type Scores = Readonly<Record<string, readonly number[]>>;

/** A way to make a density's −log p (a) and the logit evidence's (b) one score. */
export interface Candidate {
  readonly name: string;
  /** Detectors whose −log p are averaged. */
  readonly evidence: readonly string[];
  readonly rule: (a: number, b: number) => number;
  /** Whether an alarm of the density at p-value p stays one at 2p, whatever the logits say: within log 2 of the larger term. */
  readonly keepsAlarms: boolean;
}

/** Beyond this a term decides alone anyway; exp stays finite. */
const MOST = 600;

const RULES: Readonly<Record<string, Candidate['rule']>> = {
  sum: (a, b) => a + b,
  'sum, w 0.5': (a, b) => a + 0.5 * b,
  'sum, w 0.3': (a, b) => a + 0.3 * b,
  'sum, cap 1': (a, b) => a + Math.min(b, 1),
  'sum, cap 2': (a, b) => a + Math.min(b, 2),
  larger: Math.max,
  'harmonic, w 0.1': harmonic(0.1),
  'harmonic, w 0.2': harmonic(0.2),
  'harmonic, w 0.3': harmonic(0.3),
  'harmonic, w 0.5': harmonic(0.5),
  'harmonic, w 1': harmonic(1),
};

const EVIDENCE = [['energy'], ['gen'], ['she'], ['energy', 'she'], ['gen', 'she']];

export const candidates: readonly Candidate[] = EVIDENCE.flatMap(evidence =>
  Object.entries(RULES).map(([name, rule]) => ({
    name: `${evidence.join(' + ')}: ${name}`,
    evidence,
    rule,
    keepsAlarms: !name.startsWith('sum'),
  })),
);

/** Fused scores of a set, from p-values among the held-out ID rows. */
export function fuseCandidate(
  { rule }: Candidate,
  density: Scores,
  evidence: readonly Scores[],
): (set: string) => Float64Array {
  const scale = (scores: Scores) => {
    const tail = fitSmoothedTail(scores.held!);
    return (set: string) => smoothedLogPValues(tail, scores[set]!).map(value => Math.min(MOST, -value));
  };
  const alarm = scale(density);
  const doubts = evidence.map(scale);
  return set => {
    const a = alarm(set);
    const bs = doubts.map(doubt => doubt(set));
    return a.map((value, i) =>
      rule(
        value,
        bs.reduce((sum, b) => sum + b[i]! / bs.length, 0),
      ),
    );
  };
}

function harmonic(weight: number): Candidate['rule'] {
  return (a, b) => Math.log(Math.exp(a) + weight * Math.exp(b));
}
