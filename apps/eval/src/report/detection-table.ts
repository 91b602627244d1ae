import type { Group } from '../benchmark.ts';
import type { DetectorResult, GroupMean, Results, SetResult } from '../results.ts';
import { escapeHtml, percent } from './html.ts';
import { seriesColor } from './palette.ts';

const GROUPS: readonly Group[] = ['near', 'far'];

/** HTML table: detectors down, OOD sets across (near first), means, cost; the best AUROC of a column in bold. */
export function detectionTable(results: Results): string {
  const sets = results.detectors[0]?.sets ?? [];
  const groups = GROUPS.filter(group => sets.some(set => set.group === group));
  const best = new Map(sets.map(({ set }) => [set, Math.max(...results.detectors.map(d => auroc(d, set)))]));
  const bestMean = new Map(groups.map(g => [g, Math.max(...results.detectors.map(d => d.mean[g]!.auroc))]));

  const groupHeads = groups
    .map(g => `<th colspan="${sets.filter(set => set.group === g).length + 1}" class="group">${g}-OOD</th>`)
    .join('');
  const heads = groups
    .map(g => {
      const names = sets
        .filter(set => set.group === g)
        .map(set => `<th><span>${escapeHtml(set.set)}</span></th>`);
      return `${names.join('')}<th class="mean">mean</th>`;
    })
    .join('');
  const rows = results.detectors.map((detector, index) => {
    const cells = groups.map(g => {
      const own = detector.sets.filter(set => set.group === g).map(set => setCell(set, best.get(set.set)!));
      return own.join('') + meanCell(detector.mean[g]!, bestMean.get(g)!);
    });
    return `<tr><th scope="row" title="${escapeHtml(detector.description)}"><i style="background:${seriesColor(index)}"></i><span>${escapeHtml(detector.detector)}</span></th>${cells.join('')}<td class="cost">${seconds(detector.fitSeconds)}</td><td class="cost">${micros(detector.scoreMicroseconds)}</td></tr>`;
  });
  return `<div class="scroll"><table class="detection"><thead>
<tr><th rowspan="2" scope="col">detector</th>${groupHeads}<th colspan="2" class="group">cost</th></tr>
<tr>${heads}<th>fit</th><th>per sample</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function auroc(detector: DetectorResult, set: string): number {
  return detector.sets.find(entry => entry.set === set)!.auroc.value;
}

function setCell({ auroc, fpr95IdAccepted }: SetResult, best: number): string {
  const classes = [auroc.value === best ? 'best' : '', auroc.value < 0.5 ? 'inverted' : ''].join(' ').trim();
  const interval = `${percent(auroc.low)}–${percent(auroc.high)}`;
  return `<td class="${classes}"><b>${percent(auroc.value)}</b><small>${interval}</small><small>FPR ${percent(fpr95IdAccepted.value)}</small></td>`;
}

function meanCell({ auroc, fpr95IdAccepted }: GroupMean, best: number): string {
  const classes = auroc === best ? 'mean best' : 'mean';
  return `<td class="${classes}"><b>${percent(auroc)}</b><small>FPR ${percent(fpr95IdAccepted)}</small></td>`;
}

function seconds(value: number | null): string {
  if (value === null) return '';
  return value < 0.01 ? '&lt; 0.01 s' : `${value.toFixed(2)} s`;
}

function micros(value: number | null): string {
  if (value === null) return '';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} µs`;
}
