import type { Deviation } from './deviation.ts';

export const surroundings: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    reason: 'cannot start its threads, which the C library makes by clone3(2) and gives up for any answer but ENOSYS',
    why: 'runts has no threads there and makes processes by clone(2) then',
    titles: { 'RUN-013 a filter that answers EPERM to clone3': 'runtime/cgo: pthread_create failed' },
  },
  {
    runtimes: ['runc'],
    reason: 'makes missing directories of the rootfs with the umask of its caller',
    why: 'the users of the container are other ones than its caller, who made it with umask 077 for reasons of his own; crun does as runts',
    titles: { 'RUN-013 with umask 077 has containers whose files others can read': "to be '0022" },
  },
  {
    runtimes: ['crun'],
    reason: 'waits in vain for its hooks when its caller ignores SIGCHLD',
    titles: { 'RUN-013 who ignores SIGCHLD': 'waitpid: No child processes' },
  },
];
