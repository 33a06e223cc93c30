// Completion in the shells themselves, with containers that are there; and what the programs say that read these files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { callTimeout, projectRoot } from './harness/suite.ts';

const share = join(projectRoot, 'share');

/** zsh reads a thousand files, each of which takes its time in an emulated machine. */
const patience = 2 * callTimeout;
vi.setConfig({ testTimeout: 6 * callTimeout });

/** One container that was created and one that runs. @returns their ids, and the environment in which `runts` is a command that has them elsewhere than usual */
async function containers(box: Box) {
  const sleeping = () =>
    box.bundle((config) => {
      config.process.args = ['sleep', '1000'];
    });
  const created = await box.create(sleeping());
  const running = await box.started(sleeping());
  const words = box.words([]).map((word) => `'${word}'`);
  writeFileSync(
    join(box.directory, 'runts'),
    `#!/bin/sh\n[ "$1" = --root ] && [ "$2" = '/the state' ] && shift 2 && exec ${words.join(' ')} "$@"\n`,
    {
      mode: 0o755,
    },
  );
  return { created: created.id, running: running.id, env: { PATH: `${box.directory}:${process.env['PATH']}`, HOME: box.directory } };
}

const root = `--root '/the state'`;

clause(
  'CLI-008 bash completes commands, flags, values, and the containers that a command is for',
  async (box) => {
    const { created, running, env } = await containers(box);
    const offers = async (line: string, type = 9) => {
      const script = `. ${share}/bash-completion/completions/runts; compopt() { :; }; COMP_TYPE=${type}; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1))
        _runts; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await box.host(['bash', '-c', script], { env })).ok().stdout.trim().split('\n').sort();
    };
    expect(await offers('runts st')).toEqual(['start', 'state', 'stats']);
    expect(await offers('runts --log-format = j')).toEqual(['json']);
    expect(await offers(`runts ${root} start ''`)).toEqual([created]);
    expect(await offers(`runts ${root} pause ''`)).toEqual([created, running].sort());
    expect(await offers(`runts ${root} checkpoint --tcp-established ''`)).toEqual([running]);
    expect(await offers(`runts ${root} delete --force ''`, 63)).toEqual([`${created}  (created)`, `${running}  (running)`].sort());
    expect(await offers(`runts ${root} resume ''`)).toEqual(['']);
    expect(await offers(`runts ${root} kill ${running} KI`)).toEqual(['KILL']);
    expect(await offers('runts create --bu')).toEqual(['--bundle']);
    expect(await offers(`runts ${root} exec ${running} sh --he`)).toEqual(['']);
    // Without a root that has them, and with a program that fails.
    expect(await offers(`runts start ''`)).toEqual(['']);
  },
  'runts',
  'the executable',
  '/bin/bash',
);

clause(
  'CLI-008 fish completes them with their states',
  async (box) => {
    const { created, running, env } = await containers(box);
    const offers = async (line: string) => {
      const script = `source ${share}/fish/vendor_completions.d/runts.fish; complete -C "${line}"`;
      return (await box.host(['fish', '--no-config', '-c', script], { env })).ok().stdout.trim().split('\n').sort();
    };
    expect(await offers('runts st')).toEqual([
      'start\trun the program of a created container',
      'state\tprint the state of a container',
      'stats\tshow what containers use',
    ]);
    expect(await offers(`runts ${root} start `)).toEqual([`${created}\tcreated`]);
    expect(await offers(`runts ${root} exec `)).toEqual([`${created}\tcreated`, `${running}\trunning`].sort());
    expect(await offers(`runts ${root} kill ${running} KI`)).toEqual(['KILL\tname or number; default SIGTERM']);
    expect(await offers('runts create --bund')).toEqual(['--bundle\tthe bundle directory (default: the current directory)']);
  },
  'runts',
  'the executable',
  '/usr/bin/fish',
);

clause(
  'CLI-008 zsh completes them with their states',
  async (box) => {
    const { created, running, env } = await containers(box);
    // The list is drawn on a terminal; the words that are waited for are its last.
    const offers = async (line: string, last: string) => {
      const script = `zmodload zsh/zpty; zpty shell "TERM=dumb zsh -f -i"
        zpty -w shell "fpath=(${share}/zsh/vendor-completions \\$fpath); autoload -U compinit; compinit -u -D; setopt no_beep; zstyle ':completion:*' menu no; print rea''dy"
        zpty -r shell text '*ready*'
        zpty -w -n shell ${JSON.stringify(line)}$'\\t\\t'
        zpty -r shell text '*${last}*'; print -r -- "$text"; zpty -d shell`;
      return (await box.host(['zsh', '-f', '-c', script], { env, timeout: patience })).ok().stdout;
    };
    expect(await offers('runts st', 'print the state')).toMatch(/start\s+-- run the program of a created container/);
    expect(await offers(`runts ${root} kill `, '-- running')).toMatch(new RegExp(`${created}\\s+-- created`));
    expect(await offers(`runts ${root} start `, created)).not.toContain(running);
  },
  'runts',
  'the executable',
  '/usr/bin/zsh',
);

const readers: Readonly<Record<string, readonly string[]>> = {
  '/bin/bash': ['bash', '-n', 'bash-completion/completions/runts'],
  '/usr/bin/fish': ['fish', '--no-execute', 'fish/vendor_completions.d/runts.fish'],
  '/usr/bin/zsh': ['zsh', '-n', 'zsh/vendor-completions/_runts'],
  // Pages have no date, so that they are the same whenever they are written.
  '/usr/bin/mandoc': ['sh', '-c', '! mandoc -T lint -W warning man/man*/* | grep -v "missing date"'],
};
for (const [program, command] of Object.entries(readers)) {
  clause(
    `CLI-008 ${program} finds nothing wrong`,
    async (box) => {
      const { status, stdout, stderr } = await box.host(command, { cwd: share });
      expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    },
    'runts',
    'the executable',
    program as `/${string}`,
  );
}
