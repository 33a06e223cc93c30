import type { Deviation } from './deviation.ts';

export const hooks: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs startContainer hooks after start has returned, so that their failure is not seen',
    why: 'start must fail when one of its hooks does (RT-025)',
    titles: ['RT-025', 'CFG-078 a hook of the container', 'CLI-003 the whole message of a failing startContainer hook'],
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'a failing poststart hook is a warning',
    titles: ['RT-027'],
  },
  {
    runtimes: ['runc'],
    reason: 'a failing poststart hook fails create, which runs it',
    why: 'start must fail and end the container (RT-027, specification 1.3)',
    titles: ['RT-027'],
  },
  {
    runtimes: ['runc'],
    reason: 'runs poststart hooks in create',
    why: 'the specification has them run after the program has started',
    titles: ['CFG-081 to CFG-086', 'CLI-031 run forwards a signal that comes while the poststart'],
  },
  {
    runtimes: ['crun'],
    reason: 'runs startContainer hooks beside poststart hooks, in any order',
    titles: ['CFG-081 to CFG-086'],
    unstable: true,
  },
  {
    runtimes: ['runc'],
    reason: 'stops at the first poststop hook that fails',
    why: 'the container is to be removed in any case',
    titles: ['RT-031'],
  },
  { runtimes: ['crun'], before: '1.28', reason: 'tells hooks the status created while it creates', titles: ['RT-006'] },
  { runtimes: ['crun'], since: '1.28', reason: 'tells hooks the ociVersion 1.0, which is none', titles: ['RT-006'] },
  { runtimes: ['crun'], reason: 'delete may fail when a poststop hook does', titles: ['RT-031'], unstable: true },
  {
    runtimes: ['crun'],
    reason: 'run does not forward signals before its poststart hooks have ended',
    titles: ['CLI-031 run forwards a signal that comes while the poststart'],
  },
  {
    runtimes: ['crun'],
    reason: 'gives hooks of the container pid 0',
    titles: ['RT-012', 'CFG-080 createContainer', 'CFG-080 startContainer'],
  },
  { runtimes: ['crun'], reason: 'runs poststop hooks before it removes the state', titles: ['CFG-086'] },
  { runtimes: ['crun'], reason: 'does not run poststop hooks when create fails', titles: ['RT-032'] },
  {
    runtimes: ['crun'],
    reason: 'has words of its own for a hook that fails',
    titles: ['CLI-003 the whole message', 'CLI-003 the words', 'CLI-003 of much output', 'CFG-075 the words', 'CFG-078 the words'],
  },
  {
    runtimes: ['crun'],
    reason: 'starts createContainer hooks elsewhere than in the rootfs',
    titles: ['CFG-083 createContainer hooks start', 'CFG-083 a hook that changes the rootfs'],
  },
  { runtimes: ['crun'], reason: 'does not catch what a hook writes', titles: ['CLI-003 the error quotes'] },
  { runtimes: ['crun'], reason: 'does not validate hooks', titles: ['CFG-075 a relative path', 'CFG-078 a timeout of 0', 'CFG-074'] },
];
