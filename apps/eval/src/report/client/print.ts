/** Width in CSS pixels of the narrower of the usual papers (Letter, across) within its margins, and font sizes on screen and paper. */
const PAPER = 960;
const [SCREEN_FONT, PRINT_FONT] = [15, 10.5];

/** Before the page is printed, reduces tables that are wider than the paper: nothing is cut. */
export function fitTablesToPaper(): void {
  const printing = matchMedia('print');
  const fit = (): void => {
    for (const table of document.querySelectorAll<HTMLElement>('.scroll table')) {
      const { width } = table.style;
      table.style.setProperty('--fit', '1');
      table.style.width = 'min-content';
      const natural = printing.matches ? table.offsetWidth : (table.offsetWidth * PRINT_FONT) / SCREEN_FONT;
      table.style.width = width;
      const room = Math.min(PAPER, printing.matches ? table.parentElement!.clientWidth : PAPER);
      table.style.setProperty('--fit', String(Math.min(1, (room / natural) * 0.995)));
    }
  };
  addEventListener('beforeprint', fit);
  printing.addEventListener('change', () => printing.matches && fit());
}
