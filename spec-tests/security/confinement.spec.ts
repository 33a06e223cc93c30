import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { Canary } from '../harness/canary.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { attack, confine, replacedMounts } from '../harness/confinement.ts';
import { processesWith } from '../harness/leftovers.ts';
import { cgroupMounts } from '../harness/suite.ts';

describe('the confinement of attacks', () => {
  attack('SEC-002 only the box, the cgroups and a procfs can be written to', async (box) => {
    const { stdout } = (await box.inside(['cat', '/proc/self/mountinfo'])).ok();
    const writable = stdout.split('\n').flatMap((line) => {
      const [, , , , point = '', options = ''] = line.split(' ');
      return options.split(',').includes('rw') ? [point] : [];
    });
    const allowed = [box.directory, '/dev/null', '/proc', ...cgroupMounts(), ...replacedMounts(box)];
    expect(writable.filter((point) => !allowed.includes(point))).toEqual([]);
    const attempt = await box.inside(['touch', join(box.suite.directory, 'made')]);
    expect(attempt.stderr).toContain('Read-only file system');
  });

  attack('SEC-002 no process of the host is seen, and its ids, names and queues are others', async (box) => {
    const { stdout } = (await box.inside(['ls', '/proc'])).ok();
    const seen = stdout.split('\n').filter((name) => /^\d+$/.test(name));
    expect(seen.length).toBeLessThan(5);
    for (const name of ['pid', 'mnt', 'ipc', 'uts']) {
      const link = (await box.inside(['readlink', `/proc/self/ns/${name}`])).ok().stdout;
      expect(link).not.toBe((await box.host(['readlink', `/proc/self/ns/${name}`])).ok().stdout);
    }
  });

  attack('SEC-002 the null device of the host is not among the streams', async (box) => {
    const device = ['stat', '-L', '-c', '%d %i', '/proc/self/fd/0'];
    expect((await box.inside(device)).ok().stdout).not.toBe((await box.host(device)).ok().stdout);
    (await box.inside(['sh', '-c', 'exec 3>/dev/null; echo >&3; test -c /dev/stdin'])).ok();
  });

  attack('SEC-002 the runtime is called in it, and its containers are there', async (box) => {
    const container = await box.started(box.bundle());
    // Ids count from 1 there.
    expect(container.pid).toBeLessThan(200);
    expect((await box.inside(['cat', `/proc/${container.pid}/comm`])).ok().stdout).toMatch(/sleep|runts|runc|crun|busybox/);
  });

  clause(
    'SEC-002 whatever was started in it is gone at the end',
    async (box) => {
      await confine(box);
      const mark = `MARK=${box.directory}/mark`;
      box.insideBackground(['sh', '-c', 'setsid sleep 1000'], { env: { MARK: `${box.directory}/mark` } });
      await until('it runs', () => processesWith(mark).some((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n'));
      // What a test leaves there is a fault of the runtime, so that the box would say so: here it is not.
      await box.endConfinement();
      // Who has entered the namespaces for it is outside of them, and goes as soon as it has.
      await until('it is gone', () => processesWith(mark).length === 0);
    },
    'probe',
  );

  clause(
    'SEC-002 where it cannot be made, nothing is started',
    async (box) => {
      await expect(confine(box, '/bin/false')).rejects.toThrow(/no confinement/);
    },
    'probe',
  );

  clause(
    'SEC-002 a runtime that changes the owners of its streams finds a /dev of its own',
    async (box) => {
      const apart = (...command: string[]) => box.host([join(import.meta.dirname, '../harness/apart'), ...command]);
      const device = ['stat', '-c', '%d %t:%T %a', '/dev/null'];
      const [ours = '', theirs = ''] = [(await box.host(device)).ok().stdout, (await apart(...device)).ok().stdout];
      expect(theirs.split(' ').slice(1)).toEqual(ours.split(' ').slice(1));
      expect(theirs.split(' ')[0]).not.toBe(ours.split(' ')[0]);
      const script = 'import pty; pty.openpty(); open("/dev/null", "w"); print(*open("/proc/self/mounts"))';
      expect((await apart('/usr/bin/python3', '-c', script)).ok().stdout).not.toContain('/sys/fs/cgroup/unified');
    },
    'probe',
  );

  clause('SEC-002 a change of the canary tree is told', async (box) => {
    const canary = new Canary(box.directory);
    expect(canary.changes()).toEqual([]);
    canary.check();
    writeFileSync(canary.path('secret'), 'overwritten');
    rmSync(canary.path('dev/ptmx'));
    writeFileSync(canary.path('empty/made'), '');
    const names = canary.changes().map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(names).toEqual(['- dev', '- dev/ptmx', '- empty', '- secret', '+ dev', '+ empty', '+ empty/made', '+ secret']);
    expect(() => canary.check()).toThrow(/the host was changed:\n- dev /);
    expect(existsSync(canary.path('link')) && lstatSync(canary.path('link')).isSymbolicLink()).toBe(true);
  });
});
