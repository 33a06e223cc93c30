import { describe, expect } from 'vitest';
import { forEachSyscall } from '../src/spec/seccomp/syscalls/syscalls.ts';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import type { Need } from './harness/needs.ts';
import { Agent, asking } from './harness/seccomp-agent.ts';

// Older crun gives the descriptor to a process of its own, which holds up the program.
const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void =>
  anyRuntime(title, body, 'crun 1.28 or later', ...needs);

const mkdir = 83;
const ENOTEMPTY = 39;
const killable = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

/** Every call there is, those by which init talks with the runtime among them. */
const everyCall: string[] = [];
forEachSyscall('x86_64', (name) => everyCall.push(name));

describe('seccomp: notification', () => {
  for (const noNewPrivileges of [false, true]) {
    const under = noNewPrivileges ? 'with noNewPrivileges' : 'without noNewPrivileges';

    clause(
      `LNX-161 the agent answers for the program, ${under}`,
      async (box) => {
        const agent = await new Agent(box, mkdir, ENOTEMPTY).ready();
        const output = await box.output(['probe', 'syscall', String(mkdir), '=/tmp/x', '0'], (config) => {
          config.process.noNewPrivileges = noNewPrivileges;
          config.linux.seccomp = asking(agent, ['mkdir']);
        });
        expect(output.trim()).toBe(String(ENOTEMPTY));
        expect(agent.calls()).toContain(mkdir);
      },
      'probe',
    );

    clause(
      `LNX-161 every call may be notified, ${under}`,
      async (box) => {
        const agent = await new Agent(box, mkdir, ENOTEMPTY).ready();
        const output = await box.output(['probe', 'syscall', String(mkdir), '=/tmp/x', '0'], (config) => {
          config.process.noNewPrivileges = noNewPrivileges;
          config.process.user = { uid: 1000, gid: 1000, additionalGids: [7] };
          config.linux.seccomp = asking(agent, everyCall);
        });
        expect(output.trim()).toBe(String(ENOTEMPTY));
        expect(agent.states()).toHaveLength(1);
      },
      'probe',
    );
  }

  clause(
    'LNX-161 FEAT-026 the agent answers for a program that waits for it killably',
    async (box) => {
      const agent = await new Agent(box, mkdir, ENOTEMPTY).ready();
      const output = await box.output(['probe', 'syscall', String(mkdir), '=/tmp/x', '0'], (config) => {
        config.linux.seccomp = asking(agent, ['mkdir'], { flags: [killable] });
      });
      expect(output.trim()).toBe(String(ENOTEMPTY));
    },
    'probe',
    'Linux 5.19',
  );

  clause(
    'LNX-161 CFG-096 a filter that waits killably is refused with the release that it takes',
    async (box) => {
      const agent = await new Agent(box, mkdir, ENOTEMPTY).ready();
      const bundle = box.bundle((config) => {
        config.linux.seccomp = asking(agent, ['mkdir'], { flags: [killable] });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(`${killable} needs Linux 5.19 or later, and this is`);
    },
    'Linux before 5.19',
    'runts',
  );

  clause(
    'LNX-168 LNX-170 to LNX-176 one container process state for each connection, descriptors in its first message',
    async (box) => {
      const agent = await new Agent(box).ready();
      const bundle = box.bundle((config) => {
        config.process.args = ['sleep', '60'];
        config.linux.seccomp = asking(agent, ['mkdir'], { listenerMetadata: 'what for' });
      });
      const container = await box.create(bundle);
      const state = { ociVersion: bundle.config.ociVersion, id: container.id, bundle: bundle.directory, pid: container.pid };
      const common = { ociVersion: bundle.config.ociVersion, fds: ['seccompFd'], metadata: 'what for' };
      // The agent is another process: what was sent before create returned may be read after.
      await until('the state of create', () => agent.states().length > 0);
      expect(agent.states()).toEqual([
        [1, 1, { ...common, pid: container.pid, state: expect.objectContaining({ ...state, status: 'creating' }) }],
      ]);
      await container.start();
      (await container.exec(['mkdir', '/tmp/y'])).ok();
      await until('the state of exec', () => agent.states().length === 2);
      const [carriers, fds, ofExec] = agent.states()[1] ?? [];
      expect([carriers, fds]).toEqual([1, 1]);
      expect(ofExec).toMatchObject({ ...common, state: { ...state, status: 'running' } });
      expect(ofExec?.pid).not.toBe(container.pid);
      expect(agent.calls()).toContain(mkdir);
    },
    'probe',
  );

  clause(
    'LNX-167 without rules that notify the path is not used',
    async (box) => {
      await box.output(['true'], (config) => {
        const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }];
        config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls, listenerPath: '/nonexistent/agent.sock' };
      });
    },
    'probe',
  );

  const refused: Record<string, (config: Config) => void> = {
    'LNX-167 nobody listens': (config) => {
      config.linux.seccomp = asking({ socket: '/nonexistent/agent.sock' } as Agent, ['mkdir']);
    },
    'LNX-161 no listenerPath': (config) => {
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] };
    },
  };
  for (const [title, change] of Object.entries(refused)) {
    clause(`${title}: create fails and leaves nothing`, async (box) => {
      expect((await box.tryCreate(box.bundle(change))).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause(
    'LNX-161 a program under a limit of one process',
    async (box) => {
      const agent = await new Agent(box, mkdir, ENOTEMPTY).ready();
      const output = await box.output(['probe', 'syscall', String(mkdir), '=/tmp/x', '0'], (config) => {
        config.linux.resources = { ...config.linux.resources, pids: { limit: 1 } };
        config.linux.seccomp = asking(agent, ['mkdir']);
      });
      expect(output.trim()).toBe(String(ENOTEMPTY));
    },
    'probe',
  );
});
