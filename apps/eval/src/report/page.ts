import { createHash } from 'node:crypto';
import { escapeHtml } from './html.ts';

export interface PageParts {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** What the script draws from, as data of JSON. */
  readonly data: unknown;
  readonly script: string;
  readonly style: string;
}

/** Before anything is drawn: the theme that was chosen the last time. */
const THEME = `try{const t=localStorage.getItem('ood-report-theme');if(t)document.documentElement.dataset.theme=t}catch{}`;

/**
 * A self-contained HTML page: no network, no fonts, no external script; its policy lets a browser run nothing but the two scripts that it
 * came with, whatever names from outside hold.
 */
export function page({ title, body, data, script, style }: PageParts): string {
  const hashes = [THEME, script].map(
    text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><script>${THEME}</script><style>${style}</style></head>
<body>${body}<script type="application/json" id="report-data">${inertJson(data)}</script><script>${script}</script></body></html>
`;
}

/** JSON in which no character can end the element that holds it. */
function inertJson(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
