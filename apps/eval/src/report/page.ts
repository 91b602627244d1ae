import { escapeHtml } from './html.ts';

/** A self-contained HTML page: no network, no fonts, no external script; readable in light and dark. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main><script>${SCRIPT}</script></body></html>
`;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5b6472;--line:#dde2e9;--paper:#fff;--ground:#f5f7fa;--id:#3b7dd8;--ood:#e8782a;--best:#e9f3ea}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#a0a9b6;--line:#333b47;--paper:#1b2028;--ground:#12161c;--best:#1f3324}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1360px;margin:0 auto;padding:32px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 10px}h3{font-size:15px;margin:0;overflow-wrap:anywhere}.set header small{white-space:nowrap}
p{margin:6px 0;max-width:78ch}p.warning{font-size:12.5px;overflow-wrap:anywhere}p.warning::before{content:"⚠ "}.soft,small{color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:10px 28px;margin:18px 0 0;padding:0;list-style:none}
.facts b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 8px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
tbody tr:last-child th,tbody tr:last-child td{border-bottom:0}
thead th{font-size:12.5px;font-weight:600;color:var(--soft)}th.group{text-align:center}th span{display:inline-block;vertical-align:top;max-width:150px;white-space:normal;overflow-wrap:break-word}tbody th span{max-width:220px}
thead tr:first-child th:first-child,tbody th{text-align:left;font-weight:600;position:sticky;left:0;background:var(--paper)}
td b{display:block;font-weight:600}td small{display:block;font-size:11px;line-height:1.35}
td:not(.best) b{font-weight:500}td.best{background:var(--best)}td.inverted b{color:#c62828}
td.mean,th.mean{border-right:1px solid var(--line)}td.cost{color:var(--soft)}
i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:7px}
nav{display:flex;flex-wrap:wrap;gap:6px;margin:10px 0 14px}
nav button{font:inherit;font-size:13.5px;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:999px;padding:4px 13px;cursor:pointer}
nav button[aria-pressed=true]{background:var(--ink);color:var(--paper);border-color:var(--ink)}
.sets{display:grid;grid-template-columns:repeat(auto-fill,minmax(520px,1fr));gap:16px}
@media (max-width:600px){.sets,.set .charts{grid-template-columns:1fr}.charts>:last-child{max-width:260px}}
.set{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.set header{display:flex;justify-content:space-between;gap:12px;align-items:baseline;margin-bottom:6px}
.charts{display:grid;grid-template-columns:1fr 190px;gap:10px;align-items:center}
svg{width:100%;height:auto;display:block}
svg text{font-size:10.5px;fill:var(--soft);text-anchor:middle}svg text.end{text-anchor:end}
.axis line{stroke:var(--line)}.id{fill:var(--id);fill-opacity:.55;stroke:var(--id)}.ood{fill:var(--ood);fill-opacity:.5;stroke:var(--ood)}
.threshold{stroke:var(--ink);stroke-dasharray:4 3}.chance{stroke-dasharray:3 3}
.curve{fill:none;stroke-width:1.4;opacity:.75}.curve.focus{stroke-width:3;opacity:1}
[hidden]{display:none!important}
figure{margin:8px 0 0}figcaption{font-size:12px;color:var(--soft)}
figure img{width:100%;image-rendering:pixelated;border-radius:4px;display:block;background:#000}
.legend span{display:inline-flex;align-items:center;margin-right:14px;font-size:13px;color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;font-size:13px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
`;

/** Switches the histograms, and the curve drawn in bold, between detectors. */
const SCRIPT = `
const show=name=>{for(const e of document.querySelectorAll('[data-shows]'))e.hidden=e.dataset.shows!==name;
for(const e of document.querySelectorAll('.curve'))e.classList.toggle('focus',e.dataset.detector===name);
for(const e of document.querySelectorAll('nav button'))e.setAttribute('aria-pressed',String(e.value===name))};
for(const e of document.querySelectorAll('nav button'))e.addEventListener('click',()=>show(e.value));
const first=document.querySelector('nav button');if(first)show(first.value);
`;
