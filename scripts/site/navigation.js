// A plugin of typedoc: a page is called by its headline, has the path of its file, and stands in its group of the navigation;
// the module of the library is called as it is imported.
import { Converter, KindRouter, ReflectionKind } from 'typedoc';
import { pages } from './pages.js';

const groups = new Map(Object.entries(pages).flatMap(([group, paths]) => paths.map((path) => [path.replace(/\.md$/, ''), group])));
const files = new Map();

class Router extends KindRouter {
  /** @param {import('typedoc').Reflection} reflection */
  getIdealBaseName(reflection) {
    return files.get(reflection) ?? super.getIdealBaseName(reflection);
  }
}

/** Blocks without a language are what a program prints; typedoc would have them TypeScript. */
function plain(parts) {
  for (const part of parts) if (part.kind === 'code') part.text = part.text.replace(/^```\n/, '```text\n');
}

/** @param {import('typedoc').Application} application */
export function load(application) {
  application.renderer.defineRouter('runts', Router);
  application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) module.name = project.name;
    plain(project.readme ?? []);
  });
  application.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    files.set(page, page.name);
    const group = groups.get(page.name);
    if (group !== undefined) page.frontmatter['group'] = group;
    plain(page.content);
    const headline = page.content.find(({ kind, text }) => kind === 'text' && /^# /m.test(text));
    page.name = /^# (.*)$/m.exec(headline?.text ?? '')?.[1] ?? page.name;
  });
}
