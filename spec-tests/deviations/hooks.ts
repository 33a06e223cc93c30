import type { Deviation } from './deviation.ts';

export const hooks: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs startContainer hooks after start has returned, so that their failure is not seen',
    why: 'start must fail when one of its hooks does (RT-025)',
    titles: {
      'RT-025': 'expected +0 not to be +0',
      'CFG-078 a hook of the container': 'expected +0 not to be +0',
      'CFG-078 a startContainer hook that writes': 'expected +0 not to be +0',
      'CLI-003 the whole message of a failing startContainer hook': "to contain 'error running startContainer hook #1",
    },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'a failing poststart hook is a warning',
    titles: { 'RT-027': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['runc'],
    reason: 'a failing poststart hook fails create, which runs it',
    why: 'start must fail and end the container (RT-027, specification 1.3)',
    titles: {
      'RT-027': [
        'error running poststart hook #0: exit status 3, stdout: , stderr: hook-words\\n',
        'error running hook #0: error running hook: exit status 3, stdout: , stderr: hook-words\\n',
      ],
    },
  },
  {
    runtimes: ['runc'],
    reason: 'runs poststart hooks in create',
    why: 'the specification has them run after the program has started',
    titles: {
      'CFG-081 to CFG-086': "to deeply equal [ 'prestart', 'createRuntime",
      'CLI-031 run forwards a signal that comes while the poststart': 'USR1 arrives',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'runs startContainer hooks beside poststart hooks, in any order',
    titles: { 'CFG-081 to CFG-086': "to deeply equal [ 'prestart', 'createRuntime" },
    unstable: true,
  },
  {
    runtimes: ['runc'],
    reason: 'stops at the first poststop hook that fails',
    why: 'the container is to be removed in any case',
    titles: {
      'RT-031': [
        'unable to destroy container: error running poststop hook #0: exit status 3, stdout: , stderr: hook-words\\n',
        'ENOENT: no such file or directory, open',
      ],
    },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'tells hooks the status created while it creates',
    titles: { 'RT-006': "expected [ '/ociVersion' ] to deeply equal []" },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'tells hooks the ociVersion 1.0, which is none',
    titles: { 'RT-006': "expected [ '/ociVersion' ] to deeply equal []" },
  },
  { runtimes: ['crun'], reason: 'delete may fail when a poststop hook does', titles: { 'RT-031': 'status 128 of ' }, unstable: true },
  {
    runtimes: ['crun'],
    reason: 'run does not forward signals before its poststart hooks have ended',
    titles: { 'CLI-031 run forwards a signal that comes while the poststart': 'USR1 arrives' },
  },
  {
    runtimes: ['crun'],
    reason: 'gives hooks of the container pid 0',
    titles: { 'RT-012': 'expected +0 to be 1', 'CFG-080 createContainer': 'to include +0', 'CFG-080 startContainer': 'to match object {' },
  },
  { runtimes: ['crun'], reason: 'runs poststop hooks before it removes the state', titles: { 'CFG-086': "to be ''" } },
  { runtimes: ['crun'], reason: 'does not run poststop hooks when create fails', titles: { 'RT-032': 'expected false to be true' } },
  {
    runtimes: ['crun'],
    reason: 'has words of its own for a hook that fails',
    titles: {
      'CLI-003 the whole message': [
        "to contain 'error running prestart hook #1: exit",
        "to contain 'error running createRuntime hook #1",
        "to contain 'error running createContainer hook #1",
        "to contain 'error running poststart hook #1: exit",
        "to contain 'error running poststop hook #1: exit",
      ],
      'CLI-003 the words': ["to contain 'error running createRuntime hook #0", "to contain 'error running createContainer hook #0"],
      'CLI-003 of much output': "to contain 'the-reason'",
      'CFG-075 the words': ["to contain 'error running createRuntime hook #1: '", "to contain 'error running createContainer hook #1"],
      'CFG-078 the words': ["to contain 'error running createRuntime hook #1", "to contain 'error running createContainer hook #1"],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'starts createContainer hooks elsewhere than in the rootfs',
    titles: {
      'CFG-083 createContainer hooks start': 'error executing hook `/bin/sh` (exit code: 1)',
      'CFG-083 a hook that changes the rootfs': 'error executing hook `/bin/sh` (exit code: 2)',
    },
  },
  { runtimes: ['crun'], reason: 'does not catch what a hook writes', titles: { 'CLI-003 the error quotes': 'to match /hook-words/' } },
  {
    runtimes: ['crun'],
    reason: 'does not validate hooks',
    titles: {
      'CFG-075 a relative path': 'expected +0 not to be +0',
      'CFG-078 a timeout of 0': 'expected +0 not to be +0',
      'CFG-074': 'expected +0 not to be +0',
    },
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'now and then says "message too long" of a createContainer hook that fails with much output',
    why: 'the end of the output is where the cause stands',
    titles: { 'CLI-003 of much output the end is quoted: a createContainer': "to contain 'the-reason'" },
    unstable: true,
  },
];
