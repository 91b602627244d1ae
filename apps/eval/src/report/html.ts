import { printable } from '@ood/core';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML content and attribute values; what would be obeyed, such as an override of its direction, is shown. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, character => ENTITIES[character]!);
}

/**
 * A fraction as percent with one decimal, and with two within one percent of either end: 0.98234 → `98.2`, 0.9996 → `99.96`. Only 0 and 1
 * themselves are shown as `0.0` and `100.0`.
 */
export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 0 && value < 1) return Math.max(0.01, value).toFixed(2);
  if (value > 99 && value < 100) return Math.min(99.99, value).toFixed(2);
  return value.toFixed(1);
}

/** A coordinate with two decimals: enough for a screen, short in the file. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}
