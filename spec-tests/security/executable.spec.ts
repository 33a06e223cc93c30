import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { attack } from '../harness/confinement.ts';
import { findRuntime, projectRoot } from '../harness/suite.ts';

/** Opens the executable of every process that it finds but those of its own image, and writes to it as soon as nobody executes it any more. */
const overwrite = [
  'echo ready > /data/log',
  'while :; do for p in /proc/[0-9]*; do case $(readlink $p/exe) in "" | /bin/*) continue;; esac',
  // A shell of its own, since one whose exec fails ends: the process may have gone by now.
  '(exec 9< $p/exe; readlink /proc/self/fd/9 >> /data/log',
  'for i in 1 2 3 4 5 6 7 8 9; do printf overwritten >> /proc/self/fd/9 && echo written >> /data/log; done); done; done 2> /dev/null',
].join('\n');

describe('the executable of the runtime', () => {
  attack('CVE-2019-5736 is not written to through a process of the runtime in the container', async (box) => {
    const [program = '', ...words] = findRuntime().command;
    // That of the host is on a read-only mount here, so that the attack would fail for it.
    const copy = join(box.directory, 'runtime');
    copyFileSync(program, copy);
    const hash = () => createHash('sha256').update(readFileSync(copy)).digest('hex');
    const before = hash();
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', overwrite];
    });
    const call = (...args: string[]) => box.inside([copy, ...words, '--root', box.stateRoot, ...args]);
    (await call('create', '--bundle', bundle.directory, bundle.id)).ok();
    (await call('start', bundle.id)).ok();
    await until('the attack has begun', () =>
      readFileSync(join(bundle.rootfs, 'data/log'), { encoding: 'utf8', flag: 'a+' }).includes('ready'),
    );
    for (let round = 0; round < 2; round++) {
      await call('exec', bundle.id, '/proc/self/exe', '--version');
      (await call('exec', bundle.id, 'true')).ok();
    }
    expect(readFileSync(join(bundle.rootfs, 'data/log'), 'utf8')).not.toContain('written');
    await call('delete', '--force', bundle.id);
    expect(hash()).toBe(before);
  });

  attack(
    'CVE-2019-5736 nothing of it is in the container, whose first process is a small program of its own in sealed memory',
    async (box) => {
      const { pid } = await box.create(box.bundle());
      const maps = (await box.inside(['cat', `/proc/${pid}/maps`])).ok().stdout;
      const files = new Set(
        maps
          .split('\n')
          .flatMap((line) => line.split(/ +/).slice(5))
          .filter((path) => path.startsWith('/')),
      );
      expect([...files].sort()).toEqual(['/memfd:runts-init', '/memfd:runts-plan']);
      const script = 'import fcntl,os,sys; f=os.open(sys.argv[1],os.O_RDONLY); print(fcntl.fcntl(f,1034))';
      const seals = Number((await box.inside(['/usr/bin/python3', '-c', script, `/proc/${pid}/exe`])).ok().stdout);
      // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, and F_SEAL_WRITE or F_SEAL_FUTURE_WRITE.
      expect(seals & 7).toBe(7);
      expect(seals & 0x18).not.toBe(0);
    },
    'runts',
    '/usr/bin/python3',
  );

  clause(
    'SEC-007 CVE-2019-5736 that program is byte for byte what the runtime has within, and even root of the host cannot change it or make it shorter',
    async (box) => {
      const command = findRuntime().command;
      const addons = ['build/Release/runts.node', 'dist/runts.node'].map((path) => join(projectRoot, path));
      const holders = [...command, ...addons].filter((path) => existsSync(path)).map((path) => readFileSync(path));
      const container = await box.create(box.bundle());
      const exe = `/proc/${container.pid}/exe`;
      const program = readFileSync(exe);
      expect(program.length).toBeGreaterThan(10_000);
      expect(holders.some((holder) => holder.includes(program))).toBe(true);
      for (const change of [() => writeFileSync(openSync(exe, 'r+'), 'x'), () => truncateSync(exe, 10)])
        expect(change).toThrow(/ETXTBSY|EPERM|EACCES/);
      expect(readFileSync(exe).equals(program)).toBe(true);
      await container.start();
      (await container.kill('KILL')).ok();
    },
    'runts',
  );
});
