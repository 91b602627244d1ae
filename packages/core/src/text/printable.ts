/**
 * Characters that a terminal or a page obeys instead of showing: control characters (with them every escape sequence), line
 * and paragraph separators, and what overrides the direction of text.
 */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from outside (names of files, classes, tensors; metadata) for one line that people read: what would be obeyed is shown,
 * an escape character as `\x1b`.
 *
 * @param length characters to keep; of longer text the end is left out, and its length said. Default: all.
 */
export function printable(text: string, length = Number.POSITIVE_INFINITY): string {
  const cut = text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;
  return cut.replace(OBEYED, character => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
