import type { ReportData } from '../data/report-data.ts';
import { percent } from '../percent.ts';
import { element, onResize, widthOf } from './elements.ts';
import { type Line, lineChart } from './line-chart.ts';
import { seriesSwatch } from './series.ts';
import type { State, Store } from './store.ts';
import { unpacked } from './unpacked.ts';

/** Large ROC and precision-recall charts of the detectors that are chosen, on the set that is chosen or on all. */
export function mountCurves(data: ReportData, store: Store): void {
  const container = document.getElementById('charts')!;
  mountShown(data, store);
  mountSets(store);
  const draw = (state: State): void => {
    const sets = state.set === 'all' ? [...data.sets.keys()] : [state.set];
    const blocks = sets.map(set => block(data, set, state));
    container.replaceChildren(...blocks.map(({ node }) => node));
    for (const { draw } of blocks) draw();
  };
  store.watch(['shown', 'set', 'step', 'logarithmic'], draw);
  onResize(container, () => draw(store.get()));
}

function block(data: ReportData, set: number, { shown, step, logarithmic }: State) {
  const { name, group, rows } = data.sets[set]!;
  const [roc, precision] = [element('div', { class: 'plot' }), element('div', { class: 'plot' })];
  const node = element(
    'section',
    { class: 'pair' },
    element(
      'header',
      {},
      element('h3', {}, name),
      element('small', {}, `${group}-OOD, ${rows.toLocaleString('en')} rows`),
    ),
    element('div', { class: 'charts' }, roc, precision),
    legend(data, set, shown),
  );
  const lines = (x: (id: number, ood: number) => number, y: (id: number, ood: number) => number): Line[] =>
    shown.map(index => {
      const detector = data.detectors[index]!;
      const { accepted, idFlagged, oodFlagged } = detector.sets[set]!;
      const [id, ood] = [unpacked(idFlagged), unpacked(oodFlagged)];
      const at = [
        data.idRows - unpacked(detector.idAccepted)[step]!,
        rows - unpacked(accepted)[step]!,
      ] as const;
      return {
        index,
        name: detector.name,
        x: Float64Array.from(id, (value, i) => x(value, ood[i]!)),
        y: Float64Array.from(id, (value, i) => y(value, ood[i]!)),
        marked: [x(...at), y(...at)],
      };
    });
  return {
    node,
    draw() {
      const rejected = (id: number) => id / data.idRows;
      const caught = (_: number, ood: number) => ood / rows;
      const right = (id: number, ood: number) => (id + ood === 0 ? 1 : ood / (id + ood));
      const said = `The detectors ${shown.map(index => data.detectors[index]!.name).join(', ')}. Arrow keys read values.`;
      const least = 10 ** -Math.min(4, Math.ceil(Math.log10(data.idRows)));
      roc.replaceChildren(
        ...lineChart(lines(rejected, caught), {
          kind: 'roc',
          width: widthOf(roc),
          title: `ROC curves on ${name}`,
          description: said,
          axes: ['ID rejected', 'OOD caught'],
          logarithmicFrom: logarithmic ? least : null,
          shape: 'line',
          reference: 'diagonal',
        }),
      );
      precision.replaceChildren(
        ...lineChart(lines(caught, right), {
          kind: 'pr',
          width: widthOf(precision),
          title: `precision-recall curves on ${name}`,
          description: said,
          axes: ['recall: OOD caught', 'precision: OOD among flagged'],
          logarithmicFrom: null,
          shape: 'steps',
          reference: rows / (rows + data.idRows),
        }),
      );
    },
  };
}

function legend(data: ReportData, set: number, shown: readonly number[]): HTMLElement {
  const head = ['', 'AUROC', 'average precision'].map(text => element('th', { scope: 'col' }, text));
  const rows = shown.map(index => {
    const { name, sets } = data.detectors[index]!;
    const { figures } = sets[set]!;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, seriesSwatch(index), name),
      element('td', {}, percent(figures.auroc[0])),
      element('td', {}, percent(figures.averagePrecisionOod[0])),
    );
  });
  return element(
    'table',
    { class: 'lines' },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
}

function mountShown(data: ReportData, store: Store): void {
  const chips = data.detectors.map(({ name }, index) => {
    const chip = element('button', { type: 'button' }, seriesSwatch(index), name);
    chip.addEventListener('click', () => {
      const { shown } = store.get();
      const next = shown.includes(index) ? shown.filter(other => other !== index) : [...shown, index];
      store.set({ shown: next.sort((a, b) => a - b) });
    });
    return chip;
  });
  const action = (text: string, shown: readonly number[]) => {
    const button = element('button', { type: 'button', class: 'quiet' }, text);
    button.addEventListener('click', () => store.set({ shown }));
    return button;
  };
  const actions =
    chips.length > data.shown.length
      ? [action('best few', data.shown), action('all', [...chips.keys()]), action('none', [])]
      : [];
  document.getElementById('shown')!.append(...chips, ...actions);
  store.watch(['shown'], ({ shown }) => {
    chips.forEach((chip, index) => {
      chip.ariaPressed = String(shown.includes(index));
    });
  });
}

function mountSets(store: Store): void {
  const tabs = [...document.querySelectorAll<HTMLButtonElement>('#sets button')];
  for (const tab of tabs)
    tab.addEventListener('click', () => store.set({ set: tab.value === 'all' ? 'all' : Number(tab.value) }));
  const box = document.getElementById('log') as HTMLInputElement;
  box.addEventListener('change', () => store.set({ logarithmic: box.checked }));
  store.watch(['set'], ({ set }) => {
    for (const tab of tabs) tab.ariaPressed = String(tab.value === String(set));
  });
}
