import { chownSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace, setNamespace, withUserNamespace } from './harness/config.ts';

// Filesystems of a namespace that does not belong to the user namespace of the container: that of the host, or a joined one.

function inUserNamespace(config: Config, bundle: Bundle): void {
  withUserNamespace(config);
  chownSync(bundle.rootfs, 100_000, 100_000);
}

/** A process of the host in new namespaces of its own. @returns its pid */
async function holder(box: Box, ...options: string[]): Promise<number> {
  const running = box.background(['unshare', ...options, '--', 'sh', '-c', 'echo ready; exec sleep 1000']);
  await until('the namespaces are there', () => running.output().includes('ready'));
  return running.pid;
}

/** Runs a program in a container with a user namespace. */
function output(box: Box, args: readonly string[], change: (config: Config) => void): Promise<string> {
  return box.output(args, (config, bundle) => {
    inUserNamespace(config, bundle);
    change(config);
  });
}

describe('sysfs', () => {
  const devices = ['sh', '-c', 'ls /sys/class/net; grep " /sys " /proc/self/mountinfo'];

  clause('LNX-010 CFG-018 sysfs of the host’s network namespace', async (box) => {
    const text = await output(box, devices, (config) => dropNamespace(config, 'network'));
    // Not /sys/class/net, which may show another namespace than ours.
    const ours = [...readFileSync('/proc/net/dev', 'utf8').matchAll(/^ *(\S+):/gm)].map(([, name]) => name);
    expect(ours).toContain('lo');
    for (const name of ours) expect(text).toContain(`${name}\n`);
    expect(text).toMatch(/ \/sys ro,nosuid,nodev,noexec,/);
  });

  clause('LNX-010 CFG-018 sysfs of a network namespace that is joined shows that one’s devices', async (box) => {
    const pid = await holder(box, '--net');
    const text = await output(box, devices, (config) => setNamespace(config, 'network', `/proc/${pid}/ns/net`));
    expect(text.split('\n')[0]).toBe('lo');
    expect(text.split('\n')[1]).toMatch(/ \/sys /);
  });

  clause('LNX-010 CFG-018 nothing of it can be written by the container', async (box) => {
    const script = 'echo 1 >/sys/kernel/mm/ksm/run; echo 1 >/sys/class/net/lo/mtu; mount -o remount,rw /sys; true';
    const text = await output(box, ['sh', '-c', `{ ${script}; } 2>&1`], (config) => {
      dropNamespace(config, 'network');
      config.mounts = config.mounts.map((mount) => (mount.destination === '/sys' ? { ...mount, options: ['nosuid'] } : mount));
    });
    expect(text).not.toBe('');
    expect(text).toMatch(/Permission denied|nonexistent directory/);
  });
});

describe('mqueue', () => {
  for (const joined of [false, true]) {
    clause(`LNX-010 CFG-018 mqueue of ${joined ? 'an ipc namespace that is joined' : 'the host’s ipc namespace'}`, async (box) => {
      const pid = joined ? await holder(box, '--ipc') : 0;
      const text = await output(box, ['grep', ' /dev/mqueue ', '/proc/self/mountinfo'], (config) => {
        if (joined) setNamespace(config, 'ipc', `/proc/${pid}/ns/ipc`);
        else dropNamespace(config, 'ipc');
      });
      expect(text).toMatch(/ - mqueue /);
    });
  }
});

describe('proc', () => {
  clause('LNX-010 CFG-018 proc of the host’s pid namespace', async (box) => {
    const text = await output(box, ['sh', '-c', `test -d /proc/${process.pid} && grep " /proc " /proc/self/mountinfo`], (config) =>
      dropNamespace(config, 'pid'),
    );
    expect(text).toMatch(/ - proc /);
  });

  clause('LNX-010 CFG-018 nothing of the host is written through its proc', async (box) => {
    const script = 'for file in sysrq-trigger sys/kernel/panic sys/vm/swappiness; do echo h >/proc/$file || echo refused; done';
    const text = await output(box, ['sh', '-c', `{ ${script}; } 2>&1 | grep -c refused`], (config) => dropNamespace(config, 'pid'));
    expect(text).toBe('3\n');
  });

  /** Whether procfs has the option pidns=. */
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const canName = major > 6 || (major === 6 && minor >= 17);

  clause(
    'LNX-010 CFG-018 proc of a pid namespace that is joined shows that one; where the kernel cannot, the error says why',
    async (box) => {
      const running = box.background(['unshare', '--pid', '--fork', '--kill-child', '--', 'sh', '-c', 'echo ready; exec sleep 1000']);
      await until('the namespace is there', () => running.output().includes('ready'));
      const bundle = box.bundle((config, made) => {
        inUserNamespace(config, made);
        setNamespace(config, 'pid', `/proc/${running.pid}/ns/pid_for_children`);
        config.process.args = ['cat', '/proc/1/cmdline'];
      });
      const result = await box.run(bundle);
      if (box.kind !== 'runts' || canName) {
        expect(result.ok().stdout).toBe('sleep\x001000\0');
        return;
      }
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('a user namespace can mount proc only of a pid namespace that belongs to it');
      expect(result.stderr).toContain('/mounts/0');
    },
  );
});

clause('LNX-010 CFG-018 with namespaces that belong to a joined user namespace all of them are mounted', async (box) => {
  const first = await box.started(box.bundle(inUserNamespace));
  const text = await box.output(['grep', '-cE', ' - (proc|sysfs|mqueue) ', '/proc/self/mountinfo'], (config, bundle) => {
    chownSync(bundle.rootfs, 100_000, 100_000);
    for (const [type, name] of [
      ['user', 'user'],
      ['pid', 'pid'],
      ['network', 'net'],
      ['ipc', 'ipc'],
    ] as const)
      setNamespace(config, type, `/proc/${first.pid}/ns/${name}`);
  });
  expect(Number(text)).toBeGreaterThanOrEqual(3);
  await first.kill('KILL');
});
