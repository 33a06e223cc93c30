import { expect } from 'vitest';
import type { Box } from './box.ts';
import { clause } from './clause.ts';
import type { Config, IdMapping } from './config.ts';
import type { Need } from './needs.ts';
import { asUser, bundleOfUser, needs, rangeNeeds, several, single } from './plain-user.ts';

/** What a user without privileges cannot have: the error tells why, and its hint what could be done. */
export interface Refusal {
  readonly title: string;
  readonly mappings?: readonly IdMapping[];
  readonly change?: (config: Config, box: Box) => void;
  /** What executes the runtime; the user himself when it is absent. */
  readonly through?: (box: Box) => string[];
  /** Found behind `error: `, as is the cure. */
  readonly cause: RegExp;
  readonly cure: RegExp;
  readonly needs?: readonly Need[];
}

/** The user as root of a user namespace of his own, after a script there. */
export const rootOfNamespace = (box: Box, script = 'true'): string[] => [
  ...asUser(box),
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `set -e; ${script}; exec "$@"`,
  'sh',
];

/** What root of such a namespace, which has one id, can map. */
export const ownRoot: readonly IdMapping[] = [{ containerID: 0, hostID: 0, size: 1 }];

/** The test of a refusal. */
export function refuses({ title, mappings = single, change = () => {}, through = asUser, cause, cure, needs: more = [] }: Refusal): void {
  clause(
    `RUN-012 ${title}`,
    async (box) => {
      const bundle = await bundleOfUser(box, mappings, (config) => {
        config.process.args = ['true'];
        change(config, box);
      });
      const result = await box.run(bundle, { through: through(box) });
      expect(result.status).toBe(1);
      const [, error = ''] = /error: (.*)/s.exec(result.stderr) ?? [];
      expect(error).toMatch(cause);
      expect(error).toMatch(cure);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    'probe',
    '/usr/bin/setpriv',
    ...more,
    ...(mappings === several ? rangeNeeds : needs),
  );
}
