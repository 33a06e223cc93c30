import type { Deviation } from './deviation.ts';

export const lifecycle: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    reason: 'a device that is given as the pid file is replaced by a file',
    why: 'who gives /dev/null for a file that he does not want would break the machine',
    titles: { 'CLI-017 a device stays': 'expected false to be true' },
  },
  {
    runtimes: ['crun'],
    reason: 'a created container with a pid namespace of its own ignores signals other than KILL',
    titles: {
      'RT-056 CLI-025 ends by TERM in a': 'is stopped',
      'RT-056 CLI-025 ends by INT in a': 'is stopped',
      'RT-056 CLI-025 ends by HUP in a': 'is stopped',
      'RT-056 CLI-025 ends by QUIT in a': 'is stopped',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'KILL does not reach what a stopped container has left in its cgroup',
    titles: {
      'CLI-027 KILL of a stopped container ends': "No such process\\n' to match /container not running/",
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'wants `process` at create already',
    why: 'the specification wants it at start alone: an engine may make the namespaces first',
    titles: { 'RT-053': ['runc create failed: process property must not be empty', 'expected +0 to be 1', 'expected 1 to be +0'] },
  },
  {
    runtimes: ['runc'],
    cgroup: 'v1',
    reason: 'does not thaw what the container froze in a cgroup of its own',
    why: 'what froze itself could not be killed',
    titles: { 'CLI-027 CLI-030 what froze itself': 'the child is gone' },
  },
  {
    runtimes: ['crun'],
    reason: 'does not thaw what the container froze in a cgroup of its own',
    why: 'what froze itself could not be killed',
    titles: { 'CLI-027 CLI-030 what froze itself': 'the child is gone' },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'delete --force of a container whose create was killed leaves the cgroup',
    why: 'it is what delete --force is for',
    titles: { 'RT-033 in a createRuntime hook': 'nothing left' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'takes any id that is a file name',
    titles: {
      'RT-040 the id "a b"': 'expected +0 not to be +0',
      'RT-040 the id "a:b"': 'expected +0 not to be +0',
      'RT-040 the id "a\\nb"': 'expected +0 not to be +0',
      'RT-040 the id "ä"': 'expected +0 not to be +0',
      'RT-040 the id "a*"': 'expected +0 not to be +0',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'pauses and resumes in any status, without an error',
    titles: { 'CLI-066 a paused or stopped': 'expected +0 to be 1', 'CLI-067 a container that is not paused': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    reason: 'shows a created container that is paused as created',
    titles: {
      'CLI-066 a created container can be paused': "expected 'created' to be 'paused'",
      'CLI-028 delete of a created container that is paused': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'has words of its own for a paused container',
    titles: { 'CLI-028 a delete that is refused leaves a paused': "to contain 'that is not stopped: paused'" },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'KILL does not thaw a paused container',
    titles: { 'CLI-025 KILL takes effect on a paused': 'is stopped', 'CLI-071 created and paused containers': 'is stopped' },
  },
  {
    runtimes: ['crun'],
    reason: 'does not wait until the cgroup is frozen',
    titles: { 'CLI-066 pause holds processes': 'expected false to be true' },
    unstable: true,
  },
];
