import type { Deviation } from './deviation.ts';

export const seccomp: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'does not know seccomp flags',
    titles: { 'LNX-150 the flags ["': 'seccomp flags are not yet supported by runc' },
  },
  {
    runtimes: ['runc'],
    reason: 'refuses to notify of write, with which its own init speaks',
    why: 'no call of init is held up by the agent',
    titles: { 'LNX-161 every call may be notified': 'SCMP_ACT_NOTIFY cannot be used for the write syscall' },
  },
  {
    runtimes: ['runc'],
    reason: 'tells an agent the newest version of the specification that it knows',
    why: 'agent and hooks get the version of the configuration',
    titles: { 'LNX-168 LNX-170': 'to deeply equal [ [ 1, 1, {' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'keeps the connection to the agent open as long as run lasts, and tells it the state over several lines',
    titles: {
      'LNX-161 the agent answers': 'status 124 of ',
      'LNX-161 every call may be notified': 'status 124 of ',
      'LNX-168 LNX-170': "Expected property name or '}' in JSON at position 1",
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'connects to the agent also where no rule notifies',
    titles: { 'LNX-167 without rules': 'open seccomp receiver: connect socket to `/nonexistent/agent.sock`: No such file or directory' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'takes rules that notify without an agent',
    titles: { 'LNX-161 no listenerPath': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'needs a process of its own in the cgroup to speak with the agent',
    titles: { 'LNX-161 a program under a limit': 'clone seccomp listener helper process: Resource temporarily unavailable' },
  },
  {
    runtimes: ['crun'],
    reason: 'gives calls newer than the profile the errno of the default action',
    titles: { 'ENG-019 bookworm': 'expected 1 to be 38' },
  },
];
