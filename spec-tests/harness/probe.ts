import type { Box } from './box.ts';
import type { Bundle } from './bundle.ts';
import type { CapabilitySet, Config, Seccomp } from './config.ts';

/** What `probe self` prints. */
export interface Self {
  pid: number;
  ppid: number;
  sid: number;
  pgid: number;
  /** Real, effective, saved. */
  uids: [number, number, number];
  gids: [number, number, number];
  umask: number;
  groups: number[];
  cwd: string;
  /** KEYCTL_DESCRIBE of the session keyring. */
  keyring: string;
  noNewPrivileges: number;
  /** 0 none, 2 filter. */
  seccomp: number;
  dumpable: number;
  personality: number;
  pdeathsig: number;
  args: string[];
  env: string[];
  /** Hexadecimal masks. */
  capabilities: Record<CapabilitySet, string>;
  /** Decimal: they do not fit a double. */
  rlimits: Record<string, [string, string]>;
  blocked: number[];
  ignored: number[];
  fds: number[];
  scheduler: { policy: number; nice: number; priority: number; flags: number; runtime: number; deadline: number; period: number };
  ioPriority: { class: number; level: number };
  cpus: number;
  namespaces: Record<string, string>;
  oomScoreAdj: string;
  exe: string;
}

export interface Terminal {
  tty: number;
  name: string;
  rows: number;
  columns: number;
  leader: number;
  controlling: number;
  /** How many of fds 1 and 2 are not the terminal. */
  foreign: number;
  /** Whether /dev/console is the same device as fd 0. */
  console: number;
  uid: number;
  mode: number;
}

/** What a process of a container with this config finds itself to be. */
export async function self(box: Box, change: (config: Config, bundle: Bundle) => void = () => {}): Promise<Self> {
  return JSON.parse(await box.output(['probe', 'self'], change)) as Self;
}

/** Numbers of the capabilities that the tests name. */
const capabilityBits: Readonly<Record<string, number>> = {
  CAP_CHOWN: 0,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_TIME: 25,
  CAP_MKNOD: 27,
};

/** Mask of capabilities as the probe prints it. */
export function mask(...names: string[]): string {
  return names.reduce((bits, name) => bits | (1n << BigInt(capabilityBits[name] ?? 63)), 0n).toString(16);
}

/** Result (0 or errno) of a system call made under a filter. */
export async function systemCall(box: Box, filter: Seccomp, ...call: (string | number)[]): Promise<number> {
  return Number(
    await box.output(['probe', 'syscall', ...call.map(String)], (config) => {
      config.linux.seccomp = filter;
    }),
  );
}
