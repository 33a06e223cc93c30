import type { Deviation } from './deviation.ts';

export const terminals: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'does not give the first size of the caller’s terminal to the container’s',
    titles: {
      'CLI-119 run in the foreground relays': 'to match /21 77/',
      'CLI-119 run in the foreground and exec': "expected '/dev/pts/0",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'run ends as soon as its program does, and loses what has not been read of its terminal by then',
    titles: {
      'CLI-119 no output is lost': 'to have a length of 30000 but got ',
      'CLI-119 a reader that stops': 'to have a length of 3000 but got ',
    },
    unstable: true,
  },
  {
    runtimes: ['crun'],
    reason: 'who reads the output of a foreground terminal sees carriage returns',
    titles: {
      'CLI-119 who reads': [
        "expected { status: 1, out: '' } to deeply equal { status: +0, out: 'one\\ntwo\\n' }",
        "expected { status: +0, out: 'one\\r\\ntwo\\r\\n' } to deeply equal { status: +0, out: 'one\\ntwo\\n' }",
      ],
      'CLI-119 CLI-048 the same for exec': ["expected '' to be 'one\\ntwo\\n'", "expected 'one\\r\\ntwo\\r\\n' to be 'one\\ntwo\\n'"],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'run at a terminal now and then shows what the program writes as an error of its own',
    titles: { 'CLI-119 a terminal shows every line': "to be 'one\\r\\ntwo\\r\\n'" },
    unstable: true,
  },
  {
    runtimes: ['crun'],
    reason: 'wants a terminal of the caller for its stdin where the container has one',
    titles: { 'CLI-119 the end of a pipe': 'expected 1 to be +0', 'CLI-119 the null device': "expected '' to match /status 1(24|43)\\n/" },
  },
  {
    runtimes: ['runc'],
    reason: 'does not tell a program on a terminal that the pipe of its caller has ended',
    why: 'the program would wait for ever',
    titles: { 'CLI-119 the end of a pipe': 'expected 124 to be +0' },
    unstable: true,
  },
];
