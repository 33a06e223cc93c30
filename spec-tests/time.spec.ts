import { readFileSync, readlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set, setNamespace, withUserNamespace } from './harness/config.ts';

// runc has time namespaces since 1.2, crun 1.8.1 only half of them.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', '/proc/self/ns/time');

function offsets(config: Config, value: unknown): void {
  setNamespace(config, 'time');
  set(config, '/linux/timeOffsets', value);
}

describe('time offsets', () => {
  clause('LNX-026 LNX-027 LNX-028 seconds and nanoseconds of both clocks', async (box) => {
    const text = await box.output(['cat', '/proc/self/timens_offsets'], (config) =>
      offsets(config, { monotonic: { secs: 172_800, nanosecs: 999_999_999 }, boottime: { secs: 86_400 } }),
    );
    expect(text.replace(/ +/g, ' ')).toBe('monotonic 172800 999999999\nboottime 86400 0\n');
  });

  clause('LNX-027 a negative offset, as long as the clock stays positive', async (box) => {
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
    const back = -Math.floor(uptime / 2);
    const seen = Number.parseFloat(await box.output(['cat', '/proc/uptime'], (config) => offsets(config, { boottime: { secs: back } })));
    expect(seen).toBeLessThan(uptime + back + 120);
    expect(seen).toBeGreaterThan(0);
  });

  clause('LNX-026 the offsets hold for exec', async (box) => {
    const container = await box.started(box.bundle((config) => offsets(config, { boottime: { secs: 1_000_000 } })));
    expect(Number.parseFloat(await container.output('cat', '/proc/uptime'))).toBeGreaterThan(1_000_000);
  });

  for (const [what, value] of Object.entries({
    'LNX-026 a clock that has no offset': { realtime: { secs: 1 } },
    'LNX-027 a clock before its start': { monotonic: { secs: -1_000_000_000 } },
    'LNX-027 seconds that are no integer': { monotonic: { secs: 1.5 } },
    'LNX-028 a thousand million nanoseconds': { monotonic: { nanosecs: 1_000_000_000 } },
    'LNX-028 negative nanoseconds': { monotonic: { nanosecs: -1 } },
  })) {
    clause(`${what} is refused`, async (box) => {
      const result = await box.tryCreate(box.bundle((config) => offsets(config, value)));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/timeOffsets|timens|clock/);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('LNX-026 offsets for a time namespace that is joined are refused', async (box) => {
    const bundle = box.bundle((config) => {
      setNamespace(config, 'time', '/proc/self/ns/time');
      set(config, '/linux/timeOffsets', { monotonic: { secs: 1 } });
    });
    expect((await box.tryCreate(bundle)).status).toBe(1);
  });
});

/** The namespace of a process, by its name on the host. */
const timeNamespaceOf = (pid: number | 'self'): string => readlinkSync(`/proc/${pid}/ns/time`);

// Docker's default since 29.5.
describe('a time namespace without offsets', () => {
  const kinds: readonly (readonly [string, (config: Config) => void])[] = [
    ['a', () => undefined],
    ['in a user namespace a', withUserNamespace],
  ];
  for (const [a, change] of kinds) {
    anyRuntime(
      `LNX-017 ${a} new time namespace holds the program and what is executed, through update and delete`,
      async (box) => {
        const container = await box.started(
          box.bundle((config) => {
            change(config);
            setNamespace(config, 'time');
          }),
        );
        const own = timeNamespaceOf(container.pid);
        expect(own).not.toBe(timeNamespaceOf('self'));
        expect((await container.output('sh', '-c', 'readlink /proc/self/ns/time; readlink /proc/1/ns/time')).trim().split('\n')).toEqual([
          own,
          own,
        ]);
        const offsets = await container.output('cat', '/proc/self/timens_offsets');
        expect(offsets.replace(/ +/g, ' ')).toBe('monotonic 0 0\nboottime 0 0');
        (await box.runtime(['update', '--pids-limit', '99', container.id])).ok();
        expect(container.control('pids', 'pids.max')).toBe('99');
        (await container.kill('KILL')).ok();
        await container.reaches('stopped');
        (await container.delete()).ok();
      },
      '/proc/self/ns/time',
    );
    anyRuntime(
      `LNX-017 ${a} new time namespace holds what run starts`,
      async (box) => {
        const text = await box.output(['readlink', '/proc/self/ns/time'], (config) => {
          change(config);
          setNamespace(config, 'time');
        });
        expect(text).toMatch(/^time:\[\d+\]\n$/);
        expect(text.trim()).not.toBe(timeNamespaceOf('self'));
      },
      '/proc/self/ns/time',
    );
  }
});
