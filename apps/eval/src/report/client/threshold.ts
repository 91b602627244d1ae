import type { ReportData } from '../data/report-data.ts';
import { percent } from '../percent.ts';
import { number } from './number.ts';
import type { Store } from './store.ts';
import { unpacked } from './unpacked.ts';

/** The slider, the detector that it belongs to, and what both say in words. */
export function mountThreshold(data: ReportData, store: Store): void {
  const slider = document.getElementById('threshold') as HTMLInputElement;
  const focus = document.getElementById('focus') as HTMLSelectElement;
  slider.addEventListener('input', () => store.set({ step: Number(slider.value) }));
  focus.addEventListener('change', () => store.set({ focus: Number(focus.value) }));
  document.getElementById('reset')!.addEventListener('click', () => store.set({ step: 950 }));
  store.watch(['focus', 'step'], state => {
    const detector = data.detectors[state.focus]!;
    const threshold = unpacked(detector.thresholds)[state.step]!;
    const accepted = unpacked(detector.idAccepted)[state.step]!;
    slider.value = String(state.step);
    focus.value = String(state.focus);
    const share = `${percent(accepted / data.idRows)} %`;
    const at = state.step === 0 ? 'below every ID score' : `at ${number(threshold)}`;
    slider.setAttribute('aria-valuetext', `${share} of ID test accepted, threshold ${at}`);
    document.getElementById('threshold-says')!.textContent =
      `${detector.name}: threshold ${at}; ${share} of ID accepted, ${percent(1 - accepted / data.idRows)} % rejected`;
    for (const place of document.querySelectorAll('[data-focus]')) place.textContent = detector.name;
  });
}
