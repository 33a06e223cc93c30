import { CLONE_NEWNET } from '../../kernel.gen.ts';
import type { Step } from '../plan.ts';
import { type CriuProgram, cutFromHost, ownMountNamespace, planLaunch } from './launch.ts';
import { type CriuOptions, cgroupModes } from './rpc.ts';

/** What checkpoint and restore are both asked for. */
export interface CriuRequest {
  readonly tcpEstablished: boolean;
  readonly extUnixSk: boolean;
  readonly shellJob: boolean;
  readonly fileLocks: boolean;
  readonly lazyPages: boolean;
  readonly autoDedup: boolean;
  readonly cgroupMode: keyof typeof cgroupModes;
}

/** What is saved, beyond what is asked of restore as well. */
export interface DumpRequest extends CriuRequest {
  readonly leaveRunning: boolean;
  readonly tcpSkipInFlight: boolean;
  readonly linkRemap: boolean;
  readonly preDump: boolean;
  /** Relative to the directory of the images. */
  readonly parentPath?: string;
  readonly pageServer?: { readonly address: string; readonly port: number };
}

/** Everything CRIU says, and what it does not say of what is to be mended. */
const LOG_LEVEL = 4;

/** The options of every request; the network of a container is made and filled by whoever has made it the first time. */
export const commonOptions = (request: CriuRequest, logFile: string): CriuOptions => ({
  log_level: LOG_LEVEL,
  log_file: logFile,
  notify_scripts: true,
  manage_cgroups: true,
  manage_cgroups_mode: cgroupModes[request.cgroupMode],
  tcp_established: request.tcpEstablished,
  ext_unix_sk: request.extUnixSk,
  shell_job: request.shellJob,
  file_locks: request.fileLocks,
  lazy_pages: request.lazyPages,
  auto_dedup: request.autoDedup,
  orphan_pts_master: true,
  empty_ns: CLONE_NEWNET,
});

export function dumpOptions(request: DumpRequest, logFile: string): CriuOptions {
  const { parentPath, pageServer } = request;
  return {
    ...commonOptions(request, logFile),
    leave_running: request.leaveRunning,
    tcp_skip_in_flight: request.tcpSkipInFlight,
    link_remap: request.linkRemap,
    ...(parentPath === undefined ? {} : { parent_img: parentPath, track_mem: true }),
    ...(request.preDump ? { track_mem: true } : {}),
    ...(pageServer === undefined ? {} : { ps: pageServer }),
  };
}

/** What has to happen until CRIU listens, for a container that is there. */
export const planDump = (program: CriuProgram): Step[] => [ownMountNamespace, cutFromHost, ...planLaunch(program)];
