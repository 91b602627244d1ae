const KEY = 'ood-report-theme';

/** The button that switches between light and dark; until it is used the page follows the system. */
export function mountTheme(): void {
  const button = document.getElementById('theme') as HTMLButtonElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light');
  const other = () => (current() === 'dark' ? 'light' : 'dark');
  const label = () => {
    button.textContent = `${other()} theme`;
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = other();
    try {
      localStorage.setItem(KEY, current());
    } catch {
      // A browser that keeps nothing for files still switches.
    }
    label();
  });
  system.addEventListener('change', label);
  label();
}
