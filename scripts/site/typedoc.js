// What the site is made of, for typedoc.
import { fileURLToPath } from 'node:url';
import { pages } from './pages.js';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'runts',
  entryPoints: [at('src/index.ts')],
  tsconfig: at('tsconfig.json'),
  out: at('build/site'),
  readme: at('README.md'),
  projectDocuments: Object.values(pages).flat().map(at),
  plugin: [fileURLToPath(new URL('navigation.js', import.meta.url))],
  customCss: fileURLToPath(new URL('site.css', import.meta.url)),
  highlightLanguages: ['bash', 'console', 'html', 'javascript', 'json', 'toml', 'typescript', 'yaml'],
  router: 'runts',
  groupOrder: ['Guides', 'Engines', 'Using', 'Modules', 'Trust', 'Project', '*'],
  navigation: { includeGroups: true },
  sort: ['documents-first', 'alphabetical-ignoring-documents'],
  headings: { readme: false, document: false },
  searchInDocuments: true,
  disableSources: true,
  githubPages: false,
  hideGenerator: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
  validation: { invalidLink: true, invalidPath: true, notExported: false, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'TypeAlias', 'Variable', 'Enum', 'Method'],
};
