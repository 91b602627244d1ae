/** A score with four significant digits, in exponents only where it is long. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  const text = String(Number(value.toPrecision(4)));
  return (text.length > 9 ? value.toExponential(3) : text).replace('-', '−');
}
