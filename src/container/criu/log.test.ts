import { expect, test } from 'vitest';
import { errorsOf } from './log.ts';

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
