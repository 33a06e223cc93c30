import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { apart, contestants } from './differential/peers.ts';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import { alive } from './harness/container.ts';
import type { Need } from './harness/needs.ts';
import { bundleOfUser, byUser, single, needs as userNeeds } from './harness/plain-user.ts';
import { namesOf, output, profileOf, putProgram, record, recorded, under, words } from './harness/recording.ts';

const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void =>
  anyRuntime(title, body, 'runts', 'probe', ...needs);

/** Pids of the container's processes that are seen from here. */
const processesOf = (bundle: Bundle): number[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(`/${bundle.id}\n`) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });

async function printed(running: Running, text: string): Promise<void> {
  await until(`${text} in: ${running.output()}`, () => running.output().includes(text));
}

describe('seccomp record: what is seen', () => {
  for (const noNewPrivileges of [false, true]) {
    clause(
      `LNX-158 LNX-146 calls of threads, handlers, children and what they execute; the profile lets every runtime do it again (noNewPrivileges ${noNewPrivileges})`,
      async (box) => {
        const change = (config: Config): void => {
          config.process.noNewPrivileges = noNewPrivileges;
          config.process.user = { uid: 1000, gid: 1000, additionalGids: [7] };
        };
        const bundle = recorded(box, 'calls', change);
        expect((await record(box, bundle)).ok().stdout).toBe('done\n');
        const profile = profileOf(bundle);
        expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ action: 'SCMP_ACT_ALLOW' }] });
        expect(profile.syscalls).toHaveLength(1);
        const seen = ['sync', 'getpriority', 'sched_get_priority_max', 'getpgid', 'getsid', 'sched_get_priority_min', 'execve'];
        expect(namesOf(profile)).toEqual(expect.arrayContaining(seen));
        expect(namesOf(profile)).toEqual(namesOf(profile).toSorted());
        for (const name of ['mount', 'ptrace', 'socket', 'kill']) expect(namesOf(profile)).not.toContain(name);
        const again = under(box, profile, change);
        expect((await box.run(again)).ok().stdout).toBe('done\n');
        for (const { command, kind, version } of contestants().peers) {
          const call = apart([...command, '--root', join(box.directory, kind), 'run', '--bundle', again.directory, again.id]);
          expect((await box.host(call)).ok().stdout, `${kind} ${version}`).toBe('done\n');
        }
      },
    );
  }

  clause('LNX-157 LNX-159 what was not recorded is refused', async (box) => {
    const bundle = recorded(box, 'executed');
    (await record(box, bundle)).ok();
    const without = { ...profileOf(bundle) };
    expect(namesOf(without)).not.toContain('sync');
    const denied = under(box, without, (config) => {
      config.process.args = ['probe', 'syscall', '162'];
    });
    expect((await box.run(denied)).stdout.trim()).not.toBe('0');
  });

  clause(
    'LNX-149 calls of other architectures of the processor, of which the profile then has those that were used',
    async (box) => {
      const bundle = recorded(box, 'foreign');
      const knows32Bits = (await box.host([join(bundle.rootfs, 'bin/recorded'), 'foreign'])).status === 0;
      const result = await record(box, bundle);
      expect(result.status).toBe(knows32Bits ? 0 : 128 + 11);
      const { architectures } = profileOf(bundle);
      expect(architectures).toEqual(['SCMP_ARCH_X86_64', ...(knows32Bits ? ['SCMP_ARCH_X86'] : []), 'SCMP_ARCH_X32']);
    },
    'x86-64',
  );

  clause(
    'LNX-158 a user without privileges records, too',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config, made) => {
        putProgram(made);
        config.process.args = ['/bin/recorded', 'calls'];
      });
      expect((await record(box, bundle, [], byUser(box, { ranges: false }))).ok().stdout).toBe('done\n');
      expect(namesOf(profileOf(bundle))).toContain('sched_get_priority_max');
    },
    ...userNeeds,
  );

  clause('LNX-158 CLI-042 processes of exec are recorded', async (box) => {
    const bundle = box.bundle((config, made) => {
      putProgram(made);
      config.process.args = ['sh', '-c', 'echo ready; read line </data/end; exit 3'];
      execFileSync('mkfifo', [join(made.rootfs, 'data/end')]);
    });
    const running = box.launch(words(bundle));
    await printed(running, 'ready');
    expect((await box.runtime(['exec', bundle.id, '/bin/recorded', 'calls'])).ok().stdout).toBe('done\n');
    expect((await box.runtime(['exec', bundle.id, 'nothing'])).status).toBe(255);
    writeFileSync(join(bundle.rootfs, 'data/end'), 'end\n');
    expect((await running.exited).status).toBe(3);
    expect(namesOf(profileOf(bundle))).toEqual(expect.arrayContaining(['sched_get_priority_max', 'getsid']));
  });

  clause('LNX-158 signals, stops and faults are as without a tracer', async (box) => {
    const storm = recorded(box, 'storm');
    expect((await record(box, storm)).ok().stdout).toBe('failures 0, signals 2000\n');
    const fault = recorded(box, 'fault');
    expect((await record(box, fault)).status).toBe((await box.run(fault)).status);
  });
});

describe('seccomp record: the profile of the bundle, and earlier ones', () => {
  clause('LNX-157 LNX-162 what it refuses stays refused, and is in the new one', async (box) => {
    const refusal = { names: ['getpriority', 'clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 };
    const bundle = recorded(box, 'calls', (config) => {
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [refusal] };
    });
    (await record(box, bundle)).ok();
    const profile = profileOf(bundle);
    expect(profile.syscalls?.slice(1)).toEqual([refusal]);
    expect(namesOf(profile)).toContain('getsid');
    expect(namesOf(profile)).not.toContain('getpriority');
    (await box.run(under(box, profile, () => {}))).ok();
  });

  clause('LNX-161 LNX-158 a profile with an agent or a tracer is refused, and nothing is left', async (box) => {
    for (const action of ['SCMP_ACT_NOTIFY', 'SCMP_ACT_TRACE']) {
      const bundle = recorded(box, 'calls', (config) => {
        config.linux.seccomp = {
          ...{ defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/nonexistent' },
          syscalls: [{ names: ['sync'], action }],
        };
      });
      const result = await record(box, bundle);
      expect([result.status, existsSync(output(bundle))]).toEqual([1, false]);
      expect(result.stderr).toContain('system calls cannot be recorded under this profile');
    }
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-151 several runs become one profile', async (box) => {
    const first = recorded(box, 'executed');
    const second = recorded(box, 'calls');
    (await record(box, second)).ok();
    expect((await record(box, first, ['--merge', output(second), '--merge', first.directory])).status).toBe(1);
    (await record(box, first, ['--merge', output(second)])).ok();
    expect(namesOf(profileOf(first))).toEqual(expect.arrayContaining(namesOf(profileOf(second))));
    // One file for all of them: read before it is written.
    (await record(box, first, ['--merge', output(first)])).ok();
    expect(namesOf(profileOf(first))).toContain('sched_get_priority_max');
  });
});

describe('seccomp record: what fails, and what is hostile', () => {
  clause('RT-033 CLI-041 of a run that fails there is no profile, and the one that was there stays', async (box) => {
    const bundle = recorded(box, 'calls', (config) => {
      config.process.args = ['nothing'];
    });
    writeFileSync(output(bundle), 'before');
    expect((await record(box, bundle)).status).toBe(1);
    expect(readFileSync(output(bundle), 'utf8')).toBe('before');
    expect(readdirSync(bundle.directory).toSorted()).toEqual(['config.json', 'rootfs', 'seccomp.json']);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-008 a place where no profile can be is told before anything runs', async (box) => {
    const bundle = recorded(box, 'calls');
    for (const place of [bundle.rootfs, join(bundle.directory, 'none/seccomp.json')]) {
      const result = await record(box, bundle, ['--output', place]);
      expect([result.status, result.stdout]).toEqual([1, '']);
      expect(result.stderr).toContain(`unable to write the profile ${place}`);
    }
    (await record(box, bundle, ['--output', '/dev/null'])).ok();
    expect((await box.host(['test', '-c', '/dev/null'])).status).toBe(0);
  });

  clause('CLI-041 the exit status is that of the program, and a signal for it writes the profile all the same', async (box) => {
    const bundle = recorded(box, 'calls', (config) => {
      config.process.args = ['sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done'];
    });
    const running = box.launch(words(bundle));
    await printed(running, 'ready');
    process.kill(running.pid, 'SIGTERM');
    expect((await running.exited).status).toBe(5);
    expect(namesOf(profileOf(bundle))).toContain('rt_sigreturn');
  });

  clause(
    'LNX-158 a flood of numbers that there are none of ends, is told, and is in no profile',
    async (box) => {
      const bundle = recorded(box, 'flood');
      const result = (await record(box, bundle)).ok();
      expect(result.stdout).toBe('flooded\n');
      expect(result.stderr).toMatch(/without calls that no name is known of: SCMP_ARCH_X86_64 \d+, .* and more/);
      expect(JSON.stringify(profileOf(bundle))).not.toMatch(/\d{4}/);
    },
    'x86-64',
  );

  clause('LNX-158 who escapes the tracer can call nothing, and ends with the others', async (box) => {
    const bundle = recorded(box, 'untraced');
    expect((await record(box, bundle)).ok().stdout).toBe('errno 38\n');
    expect(namesOf(profileOf(bundle))).not.toContain('sync');
  });

  clause('LNX-158 the container ends with its recorder, and with who records', async (box) => {
    for (const whom of ['recorder', 'runtime'] as const) {
      const bundle = recorded(box, 'hang');
      const running = box.launch(words(bundle));
      await printed(running, 'stopped 1, then ended with 7');
      await until('all of its processes', () => processesOf(bundle).length === 4);
      const processes = processesOf(bundle);
      const tracer = Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${processes[0]}/status`, 'utf8'))?.[1]);
      expect(tracer).toBeGreaterThan(0);
      process.kill(whom === 'recorder' ? tracer : running.pid, 'SIGKILL');
      const result = await running.exited;
      await until('they are gone', () => ![tracer, ...processes].some(alive));
      expect(existsSync(output(bundle))).toBe(false);
      if (whom === 'recorder') expect([result.status, result.stderr]).toEqual([1, expect.stringContaining('has ended before')]);
      await box.runtime(['delete', '--force', bundle.id]);
    }
  });
});
