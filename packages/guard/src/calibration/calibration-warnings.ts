import type { Calibration } from './decision.ts';
import type { Power } from './power.ts';
import type { Warning } from './warnings.ts';

/** Below this many rows the rate of one calibration set may be far from alpha. */
const FEW = 100;

/** What is lost or doubtful about a decision. Rows of one feature cannot be shuffled into others. */
export function calibrationWarnings(decision: Calibration, power: Power, features = 2): Warning[] {
  const { source, count, alpha, rateBand } = decision;
  const warnings: Warning[] = [];
  if (source === 'held-out')
    warnings.push({
      code: 'HELD_OUT',
      message:
        'No rows to calibrate on were given, so a part of the fitting rows was held out instead. If the model that makes the features was ' +
        'trained on them, new ID inputs look less typical than they do: expect more false alarms than alpha (7.4 % instead of ' +
        '5 % were measured with Mahalanobis++ on CIFAR-10). Give calibration rows that it was not trained on to have the guarantee.',
    });
  if (count < FEW)
    warnings.push({
      code: 'FEW_ROWS',
      message:
        `Calibrated on ${count} distinct rows only: with ${percent(rateBand.confidence)} probability ` +
        `${percent(rateBand.low)} to ${percent(rateBand.high)} of ID inputs will be called OOD, not ${percent(alpha)}; ${FEW} rows or more narrow that.`,
    });
  if (features > 1 && power.shuffled <= 2 * alpha)
    warnings.push({
      code: 'LOW_POWER',
      message:
        `Of ${power.rows} ID rows whose features were shuffled among them, only ${percent(power.shuffled)} are called OOD: this guard may catch little. ` +
        'Fit on more rows, take another detector, or try it on inputs that are OOD.',
    });
  return warnings;
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
