import type { Deviation } from './deviation.ts';

export const lifecycle: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'a created container with a pid namespace of its own ignores signals other than KILL',
    titles: [
      'RT-056 CLI-025 ends by TERM in a',
      'RT-056 CLI-025 ends by INT in a',
      'RT-056 CLI-025 ends by HUP in a',
      'RT-056 CLI-025 ends by QUIT in a',
    ],
  },
  {
    runtimes: ['crun'],
    reason: 'KILL does not reach what a stopped container has left in its cgroup',
    titles: ['CLI-027 KILL of a stopped container ends'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'wants `process` at create already',
    why: 'the specification wants it at start alone: an engine may make the namespaces first',
    titles: ['RT-053'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'does not thaw what the container froze in a cgroup of its own',
    why: 'what froze itself could not be killed',
    titles: ['CLI-027 CLI-030 what froze itself'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'delete --force of a container whose create was killed leaves the cgroup',
    why: 'it is what delete --force is for',
    titles: ['RT-033 in a createRuntime hook'],
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'takes any id that is a file name',
    titles: ['RT-040 the id "a b"', 'RT-040 the id "a:b"', 'RT-040 the id "a\\nb"', 'RT-040 the id "ä"', 'RT-040 the id "a*"'],
  },
  {
    runtimes: ['crun'],
    reason: 'pauses and resumes in any status, without an error',
    titles: ['CLI-066 a paused or stopped', 'CLI-067 a container that is not paused'],
  },
  {
    runtimes: ['crun'],
    reason: 'shows a created container that is paused as created',
    titles: ['CLI-066 a created container can be paused', 'CLI-028 delete of a created container that is paused'],
  },
  {
    runtimes: ['crun'],
    reason: 'has words of its own for a paused container',
    titles: ['CLI-028 a delete that is refused leaves a paused'],
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'KILL does not thaw a paused container',
    titles: ['CLI-025 KILL takes effect on a paused', 'CLI-071 created and paused containers'],
  },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'does not wait until the cgroup is frozen',
    titles: ['CLI-066 pause holds processes'],
    unstable: true,
  },
];
