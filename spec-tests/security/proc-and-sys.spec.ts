import { mkdirSync, readFileSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import type { Canary } from '../harness/canary.ts';
import { type Config, set } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';

/** Gives a bundle an image whose directory of this name is a link. */
function link(made: Bundle, name: string, target: string): void {
  rmdirSync(join(made.rootfs, name));
  symlinkSync(target, join(made.rootfs, name));
}

/** Every procfs that the program sees, by all its mounts: what of the paths that were to be closed is open in it. */
const opened = [
  'awk \'$0 ~ / - proc / && $4 == "/" { print $5 }\' /proc/self/mountinfo /fake/self/mountinfo 2>/dev/null | sort -u > /tmp/points',
  'while read p; do test "$(stat -c %t:%T $p/timer_list)" = 1:3 || echo $p/timer_list is not masked',
  '(: >> $p/sys/net/core/somaxconn) 2>/dev/null && echo $p/sys can be written to; done < /tmp/points; echo end',
].join('; ');

function protect(config: Config): void {
  config.linux.maskedPaths = ['/proc/timer_list', '/sys/firmware'];
  config.linux.readonlyPaths = ['/proc/sys'];
}

describe('an image whose /proc or /sys is a link', () => {
  for (const [what, target] of [
    ['to another directory of it', () => '/fake'],
    ['to the host', (canary: Canary) => canary.path('full')],
    ['with .. to the host', (canary: Canary) => `../../../../../../..${canary.path('full')}`],
    ['to a link', () => '/data/link'],
  ] as const) {
    attack(
      `CVE-2019-19921 CVE-2023-27561 CVE-2023-28642 CVE-2025-54867 /proc ${what}: no procfs without its protections`,
      async (box, canary) => {
        const bundle = box.bundle((config, made) => {
          mkdirSync(join(made.rootfs, 'fake'));
          symlinkSync('/fake', join(made.rootfs, 'data/link'));
          link(made, 'proc', target(canary));
          protect(config);
          config.process.args = ['sh', '-c', opened];
        });
        const result = await box.run(bundle);
        if (result.status === 0) expect(result.stdout).toBe('end\n');
      },
    );
  }

  attack('CVE-2023-27561 CVE-2025-54867 /sys to the host: nothing of it is masked or mounted there', async (box, canary) => {
    for (const target of [canary.path('full'), `../../../../../../..${canary.path('full')}`]) {
      const bundle = box.bundle((config, made) => {
        link(made, 'sys', target);
        protect(config);
        config.process.args = ['cat', '/sys/file'];
      });
      expect((await box.run(bundle)).stdout).not.toContain(canary.secret);
    }
  });
});

describe('an image that brings a /proc of its own', () => {
  const files = ['self/attr/exec', 'attr/exec', 'exec', 'self/oom_score_adj', 'oom_score_adj', 'sys/kernel/msgmax', 'msgmax', 'setgroups'];

  /** A directory that looks like a procfs, or any part of it, to who writes there. */
  function fake(box: Box, made: Bundle): string {
    for (const name of files) made.put(`../../volume/${name}`, 'fake', 0o666);
    return join(box.directory, 'volume');
  }

  /** What stands in its files, each text once. */
  const contents = (directory: string): string[] => [...new Set(files.map((name) => readFileSync(join(directory, name), 'utf8')))];

  for (const destination of ['/proc', '/proc/self', '/proc/sys/kernel', '/proc/thread-self/attr']) {
    attack(
      `CVE-2019-16884 CVE-2015-3630 CVE-2015-3631 a volume on ${destination} is refused, or does not get what is to be written there`,
      async (box) => {
        const bundle = box.bundle((config, made) => {
          const mount = { destination, type: 'bind', source: fake(box, made), options: ['rbind', 'rw'] };
          config.mounts = destination === '/proc' ? [mount, ...config.mounts.slice(1)] : [...config.mounts, mount];
          config.process.oomScoreAdj = 500;
          config.linux.sysctl = { 'kernel.msgmax': '4321' };
        });
        const result = await box.tryCreate(bundle);
        expect(contents(join(box.directory, 'volume'))).toEqual(['fake']);
        if (result.status !== 0) return;
        // Taken, it has to have been done all the same.
        const { pid } = (await box.runtime(['state', bundle.id])).ok().json<{ pid: number }>();
        const read = await box.inside(['nsenter', '--target', String(pid), '--ipc', 'cat', '/proc/sys/kernel/msgmax']);
        expect(read.stdout).toBe('4321\n');
      },
    );
  }
});

describe('protected paths', () => {
  attack('CVE-2015-3630 what the default configuration masks or makes read-only is so', async (box) => {
    const spec = box.bundle();
    (await box.runtime(['spec'], { cwd: spec.rootfs })).ok();
    const { linux } = JSON.parse(readFileSync(join(spec.rootfs, 'config.json'), 'utf8')) as {
      linux: { maskedPaths: string[]; readonlyPaths: string[] };
    };
    const script = [
      'for p in "$@"; do test -e $p || continue; f=$p; test -d $p && f=$(find $p -type f -perm -200 2>/dev/null | head -n 1)',
      'test -n "$f" && (: >> $f) 2>/dev/null && test "$(stat -c %t:%T $f)" != 1:3 && echo $f can be written to; done; echo end',
    ].join('; ');
    const text = await box.output(['sh'], (config) => {
      set(config, '/linux/maskedPaths', linux.maskedPaths);
      set(config, '/linux/readonlyPaths', linux.readonlyPaths);
      config.process.args = ['sh', '-c', script, 'sh', ...linux.maskedPaths, ...linux.readonlyPaths];
    });
    expect(text).toBe('end\n');
  });

  attack('CVE-2023-25809 without a cgroup namespace of its own, the mounted cgroups are read-only', async (box) => {
    const text = await box.output(['sh'], (config) => {
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
      const script =
        'find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d | while read d; do mkdir $d/made 2>/dev/null && rmdir $d/made && echo $d; done';
      config.process.args = ['sh', '-c', `${script}; echo end`];
    });
    expect(text).toBe('end\n');
  });

  attack('CVE-2022-0492 no release_agent can be written to', async (box) => {
    for (const namespace of [true, false]) {
      const text = await box.output(['sh'], (config) => {
        if (namespace) config.linux.namespaces.push({ type: 'cgroup' });
        config.mounts.push({
          destination: '/sys/fs/cgroup',
          type: 'cgroup',
          source: 'cgroup',
          options: ['ro', 'nosuid', 'noexec', 'nodev'],
        });
        const script = 'find /sys/fs/cgroup -name release_agent | while read f; do (: >> $f) 2>/dev/null && echo $f; done';
        // Nor in a hierarchy that the container mounts for itself.
        const own = 'mkdir /tmp/c && mount -t cgroup -o pids c /tmp/c 2>/dev/null && (: >> /tmp/c/release_agent) 2>/dev/null && echo own';
        config.process.args = ['sh', '-c', `${script}; ${own}; echo end`];
      });
      expect(text).toBe('end\n');
    }
  });
});
