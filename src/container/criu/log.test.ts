import { expect, test } from 'vitest';
import { errorsOf, remedyFor } from './log.ts';

test('the errors in a log, without what is harmless and where it stands in CRIU', () => {
  const log = `(00.084950) files stat: fs/nr_open 1048576
(00.084959) Error (criu/util.c:1533): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
(00.207717) Error (criu/files-reg.c:1790): Can't lookup mount=27 for fd=2 path=/host/err
(00.207727)     12: Error (criu/cr-restore.c:1681): Dump files (pid: 15564) failed with -1
(00.237884) 	RPC
Error (criu/x.c:1): not a line of the log
`;
  expect(errorsOf(log)).toEqual(["Can't lookup mount=27 for fd=2 path=/host/err", 'Dump files (pid: 15564) failed with -1']);
  expect(errorsOf('')).toEqual([]);
});

test('what CRIU refuses has the flag that allows it', () => {
  const flags = [
    'unix: Unix socket 9461071 without peer 9458675',
    'unix: External socket is used. Consider using --ext-unix-sk option.',
    'inet: In-flight connection (l) for 9461071',
    'inet: Connected TCP socket, consider using --tcp-established option.',
    'Some file locks are hold by dumping tasks! You can try --file-locks to dump them.',
    'Can’t create link remap for a. Use link-remap option.',
    'tty: Found sid 1 pgid 1 (tty). Consider using --shell-job option.',
    'mnt: 12:./proc doesn’t have a proper root mount',
  ].map(remedyFor);
  expect(flags).toMatchInlineSnapshot(`
    [
      "--ext-unix-sk",
      "--ext-unix-sk",
      "--tcp-skip-in-flight",
      "--tcp-established",
      "--file-locks",
      "--link-remap",
      "--shell-job",
      undefined,
    ]
  `);
});
