import { OptionDefaults } from 'typedoc';
import { ENTRIES } from './tooling/docs/entries.mjs';

/** The API reference: every public entry of every package, from the docstrings, as Markdown for the site. */
export default {
  name: 'API',
  entryPoints: Object.values(ENTRIES),
  tsconfig: 'tooling/docs/tsconfig.json',
  plugin: ['typedoc-plugin-markdown', './tooling/docs/name-modules.mjs'],
  out: 'docs/api',
  router: 'module',
  blockTags: [...OptionDefaults.blockTags, '@generated'],
  readme: 'none',
  entryFileName: 'index',
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  // Everything is readonly: a column that says so takes the room of the descriptions.
  tableColumnSettings: { hideModifiers: true },
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
};
