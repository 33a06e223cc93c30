// The guides of docs/guides/, word for word.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fetchRegistry } from '../scripts/registry.js';
import { clause } from './harness/clause.ts';
import { fetchedIfPossible } from './harness/fetched.ts';
import { guideBlocks, walk } from './harness/guide.ts';
import { asUser, uid, needs as userNeeds } from './harness/plain-user.ts';
import { projectRoot } from './harness/suite.ts';

const guides = readdirSync(join(projectRoot, 'docs/guides')).map((name) => name.replace(/\.md$/, ''));
const needs = ['runts', 'real hardware', '/usr/bin/jq'] as const;

describe('docs/guides/', () => {
  test.each(guides)('%s shows no commands in blocks that are not executed', (name) => {
    for (const { language, tested, text } of guideBlocks(name)) {
      expect(['console', ...(tested === undefined ? [''] : ['json', 'yaml', 'html'])]).toContain(language);
      expect(language === 'console' || !/^[$#] /m.test(text), text).toBe(true);
    }
  });

  clause(
    'BND-001 the first container, and its steps in plan and trace',
    (box) => walk(box, 'first-container', { ids: ['hello'] }),
    ...needs,
  );

  clause('LNX-082 LNX-113 CLI-041 limits bind, and it is told', (box) => walk(box, 'limits', { ids: ['box'] }), ...needs);

  clause('LNX-146 LNX-157 a profile is recorded, used, merged and compared', (box) => walk(box, 'seccomp', { ids: ['job'] }), ...needs);

  clause('CFG-096 CLI-041 failures are found and explained', (box) => walk(box, 'debugging', { ids: ['bad'] }), ...needs);

  clause(
    'BND-003 one bundle for runc and runts',
    (box) => walk(box, 'moving', { ids: ['web', 'first', 'second'] }),
    ...needs,
    '/usr/sbin/runc',
  );
});

describe('docs/rootless.md', () => {
  clause(
    'LNX-020 a user without privileges is root in his container, and there alone',
    (box) => walk(box, '../rootless', { ids: ['box'], caller: { words: asUser(box, { ranges: false }), uid } }),
    ...needs,
    ...userNeeds,
  );
});

describe('docs/guides/image.md', () => {
  const registry = fetchedIfPossible('docker-registry', fetchRegistry);
  beforeEach((context) => context.skip(registry === undefined, 'docker-registry could not be fetched'));

  clause(
    'RT-018 an image from a registry becomes a service that answers, and is gone',
    (box) => walk(box, 'image', { ids: ['web'], ports: ['5000', '8080'], path: [registry ?? ''] }),
    ...needs,
    'x86-64',
    '/usr/bin/skopeo',
    '/usr/bin/umoci',
    '/usr/bin/curl',
  );
});
