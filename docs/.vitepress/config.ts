import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { ENTRIES } from '../../tooling/docs/entries.mjs';

const DOCS = fileURLToPath(new URL('..', import.meta.url));
const { repository } = JSON.parse(readFileSync(join(DOCS, '../package.json'), 'utf8'));
const source: string = repository.url.replace(/^git\+|\.git$/g, '');

/** Guides in the order in which one reads them; the rest of the folder follows by name, so that no page is ever unreachable. */
const GUIDES = [
  'start',
  'own-model',
  'tensorflow-js',
  'transformers-js',
  'detections',
  'audio',
  'text',
  'calibration',
  'detectors',
  'presets',
  'training',
  'engines',
  'features',
  'feature-store',
  'datasets',
  'metrics',
  'eval',
  'cli',
  'browser',
  'python',
  'flows',
  'onnx',
  'errors',
  'security',
];

/** A ring, and a dot outside it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#5672cd" stroke-width="3"><circle cx="13" cy="18" r="10"/><circle cx="26" cy="6" r="3" fill="#d9662b" stroke="none"/></svg>',
)}`;

export default defineConfig({
  title: 'ood',
  description:
    'Know when not to trust a model: out-of-distribution detection for any pretrained model, in TypeScript',
  lang: 'en-US',
  head: [['link', { rel: 'icon', href: ICON }]],
  base: process.env.OOD_DOCS_BASE ?? '/',
  cleanUrls: true,
  lastUpdated: false,
  // Signatures contain generics that look like tags.
  markdown: { html: true },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/guide/start', activeMatch: '/guide/' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
      { text: 'Results', link: '/results/', activeMatch: '/results/' },
      { text: 'Decisions', link: '/decisions/', activeMatch: '/decisions/' },
      { text: 'Source', link: source },
    ],
    sidebar: {
      '/guide/': [{ text: 'Guide', items: pages('guide', GUIDES) }],
      '/results/': [{ text: 'Results', items: pages('results', ['index']) }],
      '/decisions/': [{ text: 'Decisions', items: pages('decisions', ['index']) }],
      '/api/': [
        {
          text: 'API',
          items: Object.keys(ENTRIES).map(name => ({ text: name, link: `/api/${name}` })),
        },
      ],
    },
    footer: { message: 'Apache-2.0' },
  },
});

/** The pages of a folder by their headings. */
function pages(folder: string, first: readonly string[]): DefaultTheme.SidebarItem[] {
  const path = join(DOCS, folder);
  const names = existsSync(path)
    ? readdirSync(path)
        .filter(file => file.endsWith('.md'))
        .map(file => file.slice(0, -3))
    : [];
  const place = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  return names
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(name => ({
      text: headingOf(join(path, `${name}.md`)),
      link: `/${folder}/${name === 'index' ? '' : name}`,
    }));
}

function headingOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.replaceAll('`', '') ?? file;
}
