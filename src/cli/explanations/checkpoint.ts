import type { Chapter } from './explanation.ts';

export const checkpoint = {
  kind: 'failure',
  title: 'Checkpoint and restore',
  codes: {
    CRIU_MISSING: [
      'there is no program `criu` in the directories of PATH',
      'it is a package of its own',
      '`PATH=/nowhere /usr/local/bin/runts checkpoint web`',
      'install `criu`',
    ],
    CRIU_FAILED: [
      'CRIU could not save or restore the container; the message has what its log says, and the hint where the log is',
      'open connections, files that are gone, a kernel without what CRIU needs',
      '`runts checkpoint web; : >checkpoint/pstree.img; runts restore --detach web`',
      'read the log; `criu check --all` tells what the kernel lacks',
    ],
    CRIU_UNSUPPORTED: [
      'this CRIU, or this kernel, cannot do what a flag asks for',
      'too old a version, or a kernel without memory tracking or userfaultfd',
      '`runts checkpoint --pre-dump web` without soft-dirty bits',
      'leave the flag out, or take a later CRIU',
    ],
    CHECKPOINT_UNSUPPORTED: [
      'a container that CRIU cannot save or restore; the pointer names the property',
      'some kinds of namespaces and mounts cannot be made again',
      '`runts checkpoint web` without a namespace of the type `mount`',
      'leave the property out',
    ],
    CHECKPOINT_INVALID: [
      'the directory of the images is not one, or holds no checkpoint',
      'a wrong path, or a checkpoint that failed',
      '`runts restore --image-path /tmp web`',
      'name the directory that `checkpoint` wrote',
    ],
  },
} as const satisfies Chapter;

export const descriptors = {
  kind: 'failure',
  title: 'Descriptors and sockets',
  codes: {
    CONSOLE_SOCKET_MISSING: [
      'a detached container with a terminal needs `--console-socket`',
      'nobody would hold the other end of the terminal',
      '`runts create web` with `"terminal": true`',
      'give a socket, run it in the foreground, or set `terminal` to false',
    ],
    CONSOLE_SOCKET_UNUSED: [
      '`--console-socket` without a terminal, or in the foreground',
      'nothing would be sent to the socket, and its reader would wait',
      '`runts run --console-socket s web`',
      'leave it out, or set `process.terminal`',
    ],
    SOCKET_FAILED: [
      'a descriptor could not be handed to a socket of the caller',
      'nobody listens there, or it is no unix stream socket',
      '`runts create --pidfd-socket /etc/passwd web`',
      'listen on the socket before the call',
    ],
    DIRECTORY_MISSING: [
      "a relative path, and the caller's working directory was deleted",
      'nobody knows what the path means',
      '`mkdir gone; cd gone; rmdir ../gone; runts create web`',
      'give absolute paths, or call from another directory',
    ],
    PID_FILE_FAILED: [
      'the pid file could not be written',
      'its directory does not exist, or is not for this user',
      '`runts create --pid-file /nowhere/web.pid web`',
      'name a file in a directory that this user may write to',
    ],
    DESCRIPTOR_MISSING: [
      '`--preserve-fds` or `LISTEN_FDS` promise more descriptors than the caller passed',
      "the container would get descriptors of runts' own",
      '`runts run --preserve-fds 3 web` from a shell',
      'open them before the call, from number 3 on, or ask for fewer',
    ],
    NOTIFY_FAILED: [
      'the readiness of the container could not be relayed to `NOTIFY_SOCKET`',
      'nobody reads that socket any more',
      '`NOTIFY_SOCKET=/nowhere runts run web` of a program that says `READY=1`',
      'unset the variable, or have somebody read the socket',
    ],
  },
} as const satisfies Chapter;
