import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { consoleLines } from '../../scripts/documents.ts';
import { programsOfMachine } from '../harness/machine.ts';
import type { Json } from '../harness/recordings.ts';
import { runDetached } from './harness/bundle.ts';
import { leftovers } from './harness/left.ts';
import { needing, runtime, snippet } from './harness/runtime.ts';
import { attempt, runDirectory, shell, tag, until } from './harness/shell.ts';

const state = join(runDirectory, 'systemd-state');
let serial = 0;

/** What a service of the container's has done is seen here. */
const service = `[Unit]
Description=says when it starts and when it is stopped
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo started > /work/said; cat /proc/self/cgroup > /work/cgroup'
ExecStop=/bin/sh -c 'echo stopped >> /work/said'
[Install]
WantedBy=multi-user.target
`;

interface Made {
  readonly id: string;
  readonly work: string;
}

/** Runs systemd as docs/nesting.md says, with the programs of this machine in place of an image's. */
async function runSystemd(change: (config: Json) => void = () => {}): Promise<Made> {
  const id = `${tag}-systemd-${++serial}`;
  const directory = join(runDirectory, id);
  const rootfs = join(directory, 'rootfs');
  const work = join(directory, 'work');
  const config = JSON.parse(snippet('nesting.md', 'systemd.json'));
  const programs = programsOfMachine(rootfs, [dirname(runtime)], ['etc']);
  const units = join(rootfs, 'etc/systemd/system');
  for (const path of [work, join(units, 'multi-user.target.wants'), join(rootfs, 'var/log'), join(rootfs, 'root')])
    mkdirSync(path, { recursive: true });
  symlinkSync('/run', join(rootfs, 'var/run'));
  for (const name of ['passwd', 'group', 'nsswitch.conf', 'ld.so.cache']) {
    if (existsSync(`/etc/${name}`)) copyFileSync(`/etc/${name}`, join(rootfs, 'etc', name));
  }
  writeFileSync(join(rootfs, 'etc/machine-id'), '');
  writeFileSync(join(units, 'said.service'), service);
  symlinkSync('../said.service', join(units, 'multi-user.target.wants/said.service'));
  symlinkSync('/lib/systemd/system/multi-user.target', join(units, 'default.target'));
  config.mounts.push(...programs, { destination: '/work', source: work, options: ['rbind'] });
  config.linux.cgroupsPath = `/${tag}/${id}`;
  change(config);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  await runDetached(state, directory, id);
  return { id, work };
}

const call = (...words: string[]): Promise<string> => shell([runtime, '--root', state, ...words]);
const status = async (id: string): Promise<string> => JSON.parse(await call('state', id)).status;

needing('systemd', 'systemctl').describe('systemd in a container of runts', () => {
  afterEach(() => {
    expect(leftovers([state], /systemd-journald|\/sbin\/init/)).toEqual([]);
  });

  test('reaches its default target, has services in cgroups of their own, and shuts down clean', async () => {
    const { id, work } = await runSystemd();
    const [, waits, ends] = consoleLines(snippet('nesting.md', 'systemd-console'));
    const words = (command = '') =>
      command
        .split(' ')
        .slice(1)
        .map((word) => (word === 'box' ? id : word));
    // Its socket is not there from the beginning.
    await until(
      'systemctl finds systemd',
      async () => (await attempt([runtime, '--root', state, 'exec', id, 'systemctl', 'list-jobs'])).status === 0,
    );
    const settled = await attempt([runtime, '--root', state, ...words(waits?.command)]);
    expect(settled.stdout, `${settled.stderr}\n${await call('exec', id, 'systemctl', '--failed', '--no-pager')}`).toBe(waits?.output);
    expect(await call('exec', id, 'systemctl', 'get-default')).toBe('multi-user.target');
    expect(await call('exec', id, 'systemctl', 'is-active', 'multi-user.target', 'said.service')).toBe('active\nactive');
    expect(await call('exec', id, 'systemctl', '--failed', '--quiet')).toBe('');
    expect(readFileSync(join(work, 'cgroup'), 'utf8')).toMatch(/:\/system\.slice\/said\.service$/m);
    await call('exec', id, 'systemd-run', '--wait', '--quiet', 'sh', '-c', 'echo ran >> /work/said');
    await call(...words(ends?.command));
    await until('it has shut down', async () => (await status(id)) === 'stopped');
    expect(readFileSync(join(work, 'said'), 'utf8')).toBe('started\nran\nstopped\n');
    await call('delete', id);
  });
});
