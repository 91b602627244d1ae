const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text made safe for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, character => ENTITIES[character]);
}

/** A fraction as percent with one decimal: 0.98234 → `98.2`; near one with two, so that 99.96 is not shown as 100. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  const digits = value > 99 && value < 100 ? 2 : 1;
  return value.toFixed(digits);
}

/** A coordinate with two decimals: enough for a screen, short in the file. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}
