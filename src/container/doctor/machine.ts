// Looks at the machine for the checks. Nothing is left: what is opened is closed, and nothing is written but for the maps of a namespace that ends at once.
import { errnoText } from '../../errno.ts';
import { messageOf } from '../../errors.ts';
import { mayWrite } from '../../host/delegated-cgroup.ts';
import type { HostFacts } from '../../host/facts.ts';
import { hostFacts } from '../../host/probe.ts';
import { addon } from '../../native/addon.ts';
import { isSystemError } from '../../native/system-error.ts';
import { parentDirectory } from '../../plan/cgroups/path.ts';
import { isRootless } from '../../plan/context.ts';
import { subordinateRanges } from '../bundle/default-mappings.ts';
import { userNames } from '../bundle/user-names.ts';
import { findProgram } from '../criu/program.ts';
import { fromProc, whyNoRights, whyNoUserNamespace } from '../failure/user-namespace.ts';
import { mapperFolders } from '../init/id-mappings.ts';
import { managerProperty } from '../systemd/dbus/systemd1.ts';
import { BOOTED } from '../systemd/scope.ts';
import type { Machine } from './check.ts';

/** For what others answer, in milliseconds. */
const TIMEOUT_MS = 5000;

function exists(path: string): boolean | undefined {
  try {
    return addon.stat(path, false) !== null;
  } catch {
    return undefined;
  }
}

/** Makes one, which ends at once. That its maps may not be written so by a user is no matter: the namespace was there. */
function tryUserNamespace(): Pick<Machine, 'noUserNamespace' | 'noRights'> {
  try {
    addon.close(addon.makeUserNamespace('0 0 1', '0 0 1'));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.syscall === 'unshare') {
      const hint = whyNoUserNamespace(error.code);
      return { noUserNamespace: { why: `unshare: ${errnoText(error.errno)}`, ...(hint === undefined ? {} : { hint }) } };
    }
  }
  const noRights = addon.geteuid() === 0 ? undefined : whyNoRights();
  return noRights === undefined ? {} : { noRights };
}

/** Version 1 has many hierarchies; limits that everybody asks for tell of all. */
function makesCgroups(facts: HostFacts): boolean {
  if (facts.euid !== 0) return facts.cgroup.delegated === true;
  const { hierarchies } = facts.cgroup;
  const names = ['', 'pids', 'memory', ...Object.keys(hierarchies)].filter((name) => facts.cgroup.mode === 'unified' || name !== '');
  const found = names.map((name) => hierarchies[name]).find((hierarchy) => hierarchy !== undefined);
  return found !== undefined && mayWrite(`${parentDirectory(found)}/cgroup.procs`);
}

function manager(facts: HostFacts): Machine['manager'] {
  if (!exists(BOOTED)) return undefined;
  try {
    return { version: managerProperty(isRootless(facts) && facts.euid !== 0, 'Version', TIMEOUT_MS) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** What `criu --version` says first; of one that cannot be executed, why. */
function criuVersion(): string | undefined {
  const path = findProgram('criu');
  if (path === undefined) return undefined;
  const request = {
    path,
    args: ['criu', '--version'],
    env: [],
    inherits: true,
    cwd: '/',
    stdin: '',
    timeoutMs: TIMEOUT_MS,
    keepsEnd: false,
  };
  try {
    return addon.runProcess(request).output.split('\n')[0]?.replace('Version: ', '') ?? '';
  } catch (error) {
    return messageOf(error);
  }
}

function ranges(euid: number): Machine['ranges'] {
  const user = userNames(fromProc('/etc/passwd') ?? '').get(euid);
  const count = (file: string): number => subordinateRanges(file, user, euid).reduce((sum, { size }) => sum + size, 0);
  const lacking = ['newuidmap', 'newgidmap'].filter((program) => !mapperFolders.some((folder) => exists(`${folder}/${program}`)));
  return { uids: count('/etc/subuid'), gids: count('/etc/subgid'), lacking };
}

/**
 * Everything that the checks look at.
 * @throws RuntimeError PROC_NOT_MOUNTED
 * @throws SystemError
 */
export function lookAround(): Machine {
  const facts = hostFacts();
  const systemd = manager(facts);
  const criu = criuVersion();
  return {
    facts,
    release: addon.uname().release,
    read: fromProc,
    exists,
    ...tryUserNamespace(),
    makesCgroups: makesCgroups(facts),
    ...(systemd === undefined ? {} : { manager: systemd }),
    ...(criu === undefined ? {} : { criu }),
    ranges: ranges(facts.euid),
  };
}
