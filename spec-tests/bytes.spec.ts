import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

/** Calls the runtime with further words of a shell, which can be any bytes. */
const followedBy = (words: string) => ({ through: ['sh', '-c', `exec "$@" ${words}`, 'sh'] });

/** A word that is not UTF-8. */
const bad = '"$(printf "bad\\377")"';

describe('bytes that are not UTF-8', () => {
  clause(
    'CLI-001 arguments and values of options are refused by name, and nothing is made under another one',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
      });
      const before = readdirSync(box.directory).length;
      for (const words of [
        `--pid-file ${bad} ${bundle.id}`,
        `--console-socket ${bad} ${bundle.id}`,
        `--pid-file=${bad} ${bundle.id}`,
        bad,
      ]) {
        const result = await box.runtime(['run', '--bundle', bundle.directory], { global: ['--log-format', 'text'], ...followedBy(words) });
        expect([words, result.status]).toEqual([words, 1]);
        expect(result.stderr).toContain('bad\\xff" is not valid UTF-8');
      }
      const logged = await box.runtime([], followedBy(`--log ${bad} list`));
      expect([logged.status, logged.stderr.includes('bad\\xff')]).toEqual([1, true]);
      expect(readdirSync(box.directory).filter((name) => !name.startsWith('call-'))).toHaveLength(before);
    },
    'runts',
  );

  clause(
    'CLI-060 exec refuses a program, its arguments and variables that are not UTF-8',
    async (box) => {
      const container = await box.started(box.bundle());
      for (const words of [`${container.id} echo ${bad}`, `-e A=${bad} ${container.id} env`, `--cwd /${bad} ${container.id} pwd`]) {
        const result = await box.runtime(['exec'], followedBy(words));
        expect([words, result.status, result.stdout]).toEqual([words, 255, '']);
        expect(result.stderr).toContain('is not valid UTF-8');
      }
      // The character that a decoder puts in their place is one like others.
      expect((await container.exec(['echo', 'a\ufffdb'])).ok().stdout).toBe('a\ufffdb\n');
    },
    'runts',
  );

  clause('ENG-015 a hook inherits the variables of the runtime byte for byte', async (box) => {
    const bundle = box.bundle((config, { directory }) => {
      config.process.args = ['true'];
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `printf %s "$ODD" | od -An -tx1 >${directory}/seen; :`] }] };
    });
    const through = ['sh', '-c', 'ODD=$(printf "a\\377\\303b"); export ODD; exec "$@"', 'sh'];
    (await box.run(bundle, { through })).ok();
    expect((await box.host(['cat', `${bundle.directory}/seen`])).stdout.trim()).toBe('61 ff c3 62');
  });

  clause(
    'CLI-001 a relative path below a directory whose name is not UTF-8 is refused',
    async (box) => {
      const bundle = box.bundle();
      mkdirSync(`${box.directory}/bad\ufffd`);
      const through = ['sh', '-c', `mkdir ${bad}; cd ${bad} && exec "$@"`, 'sh'];
      const result = await box.runtime(['create', '--bundle', bundle.directory, '--pid-file', 'pid', bundle.id], { through });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('working directory');
      expect(readdirSync(`${box.directory}/bad\ufffd`)).toEqual([]);
    },
    'runts',
  );
});
