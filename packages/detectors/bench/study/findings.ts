/** Written by hand after the run of 2026-11-28, whose seeds are those of the table in docs/results/fde-study.md. */
export const findings = `## What it shows, and what it does not

Written on 2026-11-28, after the tables above; the other parts of this page follow from the cells by themselves.

- At its own length the paper's Glow is a density to reckon with where rows abound: on digits it cannot be told from \`fde\` near the distribution (97.9 and 98.0) and is above KNN
  and Mahalanobis++. On CIFAR-10 it is 5 points below \`fde\` near, and below KNN and Mahalanobis++; far from the distribution it is between them. RealNVP of the paper is below Glow everywhere.
- ID-only early stopping changes Glow by 0.1 points: on 4,000 and 20,000 rows 5,125 steps are not too long. On 1,750 rows they may be; Glow on the two networks of 768 features takes
  half an hour to an hour a fit here.
- At as many steps as the paper's, \`fde-flow\` moves by 0.2 points at most. What separates it from Glow is its start (the classes' metric), not its length.
- \`fde\` near: at least the best of KNN, Mahalanobis++ and the paper's recipe on CIFAR-10, digits and Imagenette; on ImageNet-1k with fewer than two rows a class 0.3 below Mahalanobis++, which is not
  told apart there, and 7 to 11 ahead of it far. Far: within 0.1 of the best but for MNIST against CIFAR-10 (Mahalanobis++ by 0.3). On average near +1.0 over the best single density (KNN).
- The flow adds 0.35 (CIFAR-10) and 0.7 (digits) near. Much of the rest is the closed form: \`relative-mahalanobis++\` with \`background\` 0.7 alone is level with \`fde\` on CIFAR-10 near, 1.2 below on
  digits and Imagenette, and falls to 62 on flowers against ImageNet-1k, where \`fde\` has 74.
- \`fde-fused\` near: +2.5 on average over the best density; at most 0.3 below the best single detector of each benchmark. Far: on ImageNet-1k 1.1 below SCALE, which it takes as evidence (81 against 79 on flowers),
  and 0.3 below KNN on textures. A goal of "never 0.3 below" is missed there.
- Four times the epochs: never more than 0.1 down.
`;
