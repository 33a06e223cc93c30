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
    why: 'the users of the container are other ones than its caller, who made it with umask 077 for reasons of his own; crun 1.28 does as runts',
    titles: { 'RUN-013 with umask 077 has containers whose files others can read': "to be '0022" },
  },
  {
    runtimes: ['crun'],
    reason: 'waits in vain for its hooks when its caller ignores SIGCHLD',
    titles: {
      'RUN-013 who ignores SIGCHLD has': 'waitpid: No child processes',
      'RUN-013 who ignores SIGCHLD hears': "expected 'error executing hook",
    },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'makes missing directories of the rootfs with the umask of its caller',
    titles: { 'RUN-013 with umask 077 has containers whose files others can read': "to be '0022" },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'opens the sources of mounts in the mount namespace of its caller, also where that belongs to another user namespace',
    titles: {
      'RUN-013 who is root of a user namespace alone, as of `unshare -Ur`, has containers, with a user': 'failed to setns to host mntns',
    },
  },
];
