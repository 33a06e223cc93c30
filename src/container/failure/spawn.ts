import { callText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { failedWith } from '../../native/system-error.ts';
import { enforcedProfile, fromProc, type ReadFile } from './user-namespace.ts';

/** What forbids to execute a file in memory, by the system call that says so. */
function hintFor(syscall: string, read: ReadFile): string | undefined {
  if (syscall === 'memfd_create')
    return 'vm.memfd_noexec is 2 here, with which nothing is executed from memory: `sysctl vm.memfd_noexec=1`';
  if (syscall !== 'execveat') return undefined;
  const profile = enforcedProfile(read);
  return profile === undefined
    ? 'the security module of the host forbids to execute a file in memory: see the kernel log'
    : `the AppArmor profile ${profile}, under which runts was called, has to let it execute a file in memory: flags=(attach_disconnected) and the rule \`/ ix,\`, or a profile for runts of its own (share/apparmor.d/runts)`;
}

/** Why init was not executed, where that is known. @returns the error itself where it is not */
export function explainSpawn(error: unknown, read: ReadFile = fromProc): unknown {
  if (!failedWith(error, 'EACCES')) return error;
  const hint = hintFor(error.syscall, read);
  if (hint === undefined) return error;
  const message = `unable to execute the init program: ${callText(error)}`;
  return new RuntimeError('INIT_FAILED', message, { hint, errno: error.code, syscall: error.syscall, cause: error });
}
