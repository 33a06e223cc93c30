import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';

const script = (bundle: Bundle, name: string, content: string | Buffer, mode = 0o755): void => {
  writeFileSync(join(bundle.rootfs, name), content);
  chmodSync(join(bundle.rootfs, name), mode);
};

/** The probe's own headers, said to be for another machine (e_machine of elf(5): 183 is AArch64, 62 x86-64). */
function foreign(bundle: Bundle): Buffer {
  const program = Buffer.from(readFileSync(join(bundle.rootfs, 'bin/sh')).subarray(0, 4096));
  program.writeUInt16LE(program.readUInt16LE(18) === 183 ? 62 : 183, 18);
  return program;
}

interface Case {
  readonly title: string;
  readonly prepare: (bundle: Bundle) => void;
  /** What engines look for, and what runts adds behind it. */
  readonly words: RegExp;
  readonly why: RegExp;
}

const cases: readonly Case[] = [
  {
    title: 'a script whose interpreter is missing',
    prepare: (bundle) => script(bundle, 'program', '#!/bin/nothing\n'),
    words: /exec \/program: no such file or directory/,
    why: /its interpreter "\/bin\/nothing"/,
  },
  {
    title: 'a script with DOS line ends',
    prepare: (bundle) => script(bundle, 'program', '#!/bin/sh\r\necho\r\n'),
    words: /exec \/program: no such file or directory/,
    why: /carriage return/,
  },
  {
    title: 'a program for another architecture',
    prepare: (bundle) => script(bundle, 'program', foreign(bundle)),
    words: /exec \/program: exec format error/,
    why: /ELF program for \w+, and this machine is/,
  },
  {
    title: 'a text without a first line',
    prepare: (bundle) => script(bundle, 'program', 'echo hello\n'),
    words: /exec \/program: exec format error/,
    why: /neither an ELF program nor a script/,
  },
  {
    title: 'a file that is not executable',
    prepare: (bundle) => script(bundle, 'program', '#!/bin/sh\n', 0o644),
    words: /exec: "\/program": permission denied/,
    why: /its mode is 0644/,
  },
  {
    title: 'a symlink to nothing',
    prepare: (bundle) => symlinkSync('/nowhere', join(bundle.rootfs, 'program')),
    words: /exec: "\/program": stat \/program: no such file or directory/,
    why: /symbolic link to "\/nowhere"/,
  },
  {
    title: 'a program on a noexec mount',
    prepare: (bundle) => {
      copyFileSync(join(bundle.rootfs, 'bin/sh'), join(bundle.directory, 'program'));
      chmodSync(join(bundle.directory, 'program'), 0o755);
      writeFileSync(join(bundle.rootfs, 'program'), '');
      bundle.config.mounts.push({
        destination: '/program',
        type: 'bind',
        source: join(bundle.directory, 'program'),
        options: ['bind', 'noexec'],
      });
    },
    words: /permission denied/,
    why: /mounted noexec/,
  },
];

describe('a program that cannot be executed', () => {
  for (const { title, prepare, words, why } of cases) {
    clause(
      `ENG-003 ${title}: the error of run has the words engines look for and says why`,
      async (box) => {
        const bundle = box.bundle();
        prepare(bundle);
        bundle.config.process.args = ['/program'];
        bundle.write();
        const log = join(box.directory, 'log.json');
        const result = await box.runtime(['--log', log, '--log-format', 'json', 'run', '--bundle', bundle.directory, bundle.id]);
        expect(result.status).not.toBe(0);
        const lines = readFileSync(log, 'utf8').trim().split('\n');
        expect(lines).toHaveLength(1);
        const { msg } = JSON.parse(lines[0] ?? '') as { msg: string };
        expect(msg).toMatch(words);
        expect(msg).toMatch(why);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );

    clause(
      `CLI-060 ${title}: exec ends with 255 and the same words`,
      async (box) => {
        const bundle = box.bundle();
        prepare(bundle);
        bundle.write();
        const container = await box.started(bundle);
        const result = await container.exec(['/program']);
        expect(result.status).toBe(255);
        expect(result.stderr).toMatch(words);
        expect(result.stderr).toMatch(why);
      },
      'runts',
    );
  }

  const withTools = (box: Box, args: readonly string[]): Bundle =>
    box.bundle((config, bundle) => {
      config.process.args = [...args];
      config.process.env = ['PATH=/tools:/bin'];
      mkdirSync(join(bundle.rootfs, 'tools/directory'), { recursive: true });
      script(bundle, 'tools/tool', '#!/bin/sh\n', 0o644);
      script(bundle, 'tools/sh', '#!/bin/false\n', 0o644);
    });

  /** Lines of logrus escape quotes. */
  const plain = ({ stderr }: Result): string => stderr.replaceAll('\\"', '"');

  for (const name of ['tool', 'directory', ''])
    clause(`ENG-003 ${JSON.stringify(name)} that $PATH has only as what is no program is not found`, async (box) => {
      const words = new RegExp(`exec: "${name}": executable file not found in \\$PATH`);
      const executed = await (await box.started(withTools(box, ['sleep', '1000']))).exec([name]);
      expect(executed.status).toBe(255);
      expect(plain(executed)).toMatch(words);
      const run = await box.run(withTools(box, [name]));
      expect(run.status).toBe(1);
      expect(plain(run)).toMatch(words);
    });

  clause(
    'ENG-003 what the search has passed over is told behind these words',
    async (box) => {
      const log = join(box.directory, 'log');
      await box.run(withTools(box, ['tool']), { global: ['--log', log, '--log-format', 'json'] });
      expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({
        code: 'EXEC_NOT_FOUND',
        msg: expect.stringMatching(/ not found in \$PATH: "\/tools\/tool" is there, but its mode is 0644, without any execute bit$/),
        hint: 'make it executable in the image: chmod +x /tools/tool',
      });
    },
    'runts',
  );

  clause('ENG-003 a program found later in $PATH is taken', async (box) => {
    expect((await box.run(withTools(box, ['sh', '-c', 'echo found']))).ok().stdout).toBe('found\n');
  });

  clause(
    'ENG-003 a directory in place of a program',
    async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.exec(['/bin']);
      expect(result.status).toBe(255);
      expect(result.stderr).toMatch(/exec: "\/bin": is a directory: permission denied/);
    },
    'runts',
  );

  clause('CLI-046 exec does not make a missing directory', async (box) => {
    const container = await box.started(box.bundle());
    const result = await container.exec(['pwd'], ['--cwd', '/missing']);
    expect(result.status).toBe(255);
    expect(result.stderr).toMatch(/no such file or directory/);
    expect((await container.exec(['ls', '/missing'])).status).not.toBe(0);
  });
});
