/** Longest names that are compared. */
const LONGEST = 60;

/** Of the known names, the one that a mistyped one is nearest to; undefined where none is near: no more than a third of it differs. */
export function closest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const given = name.toLowerCase();
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const word of known) {
    const edits = distance(given, word.toLowerCase());
    if (edits * 3 <= Math.max(name.length, word.length) && edits < (best?.edits ?? Number.POSITIVE_INFINITY))
      best = { word, edits };
  }
  return best?.word;
}

/** Letters to insert, delete, replace, or swap with their neighbor, to make one word of the other (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, before[j - 2]! + 1);
      row.push(edits);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
