import type { Manifest } from '@ood/guard';
import { expect, it } from 'vitest';
import { formatGuard } from './format-guard.ts';

const manifest = (fitted: Readonly<Record<string, number>>) =>
  ({
    detector: { title: 'FDE fused', fitted },
    calibration: { threshold: 2, count: 100, guarantee: 'at most 5 %' },
    backbone: { layer: 'features' },
    featureSize: 8,
    classes: 3,
    parity: null,
    preprocessingHash: null,
    trainingRows: 500,
    refused: { train: 0, calibration: 0 },
    warnings: [],
  }) as unknown as Manifest;

it('says what the logits are worth as evidence, where the detector asked', () => {
  const text = formatGuard('my.guard', manifest({ gate: 0.8, evidenceWeight: 0.02 }), 'd');
  expect(text).toMatch(/^logits +On this model, logits carry no far-OOD evidence: .* AUROC 0\.80, so /m);
  expect(formatGuard('my.guard', manifest({}), 'd')).not.toMatch(/^logits/m);
});
