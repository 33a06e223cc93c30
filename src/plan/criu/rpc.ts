/**
 * The part of CRIU's protocol (images/rpc.proto of its sources; criu(8), "swrk") that is spoken here. Names and numbers are CRIU's.
 */
import { decode, encode, type Message } from './message.ts';

const pair = { key: { number: 1, type: 'string' }, val: { number: 2, type: 'string' } } as const;
const inheritedFd = { key: { number: 1, type: 'string' }, fd: { number: 2, type: 'int32' } } as const;
const cgroupRoot = { ctrl: { number: 1, type: 'string' }, path: { number: 2, type: 'string' } } as const;
const joinedNamespace = { ns: { number: 1, type: 'string' }, ns_file: { number: 2, type: 'string' } } as const;
const pageServer = { address: { number: 1, type: 'string' }, port: { number: 2, type: 'int32' } } as const;

const options = {
  images_dir_fd: { number: 1, type: 'int32' },
  pid: { number: 2, type: 'int32' },
  leave_running: { number: 3, type: 'bool' },
  ext_unix_sk: { number: 4, type: 'bool' },
  tcp_established: { number: 5, type: 'bool' },
  evasive_devices: { number: 6, type: 'bool' },
  shell_job: { number: 7, type: 'bool' },
  file_locks: { number: 8, type: 'bool' },
  log_level: { number: 9, type: 'int32' },
  log_file: { number: 10, type: 'string' },
  ps: { number: 11, type: pageServer },
  notify_scripts: { number: 12, type: 'bool' },
  root: { number: 13, type: 'string' },
  parent_img: { number: 14, type: 'string' },
  track_mem: { number: 15, type: 'bool' },
  auto_dedup: { number: 16, type: 'bool' },
  work_dir_fd: { number: 17, type: 'int32' },
  link_remap: { number: 18, type: 'bool' },
  ext_mnt: { number: 23, type: pair, repeated: true },
  manage_cgroups: { number: 24, type: 'bool' },
  cg_root: { number: 25, type: cgroupRoot, repeated: true },
  rst_sibling: { number: 26, type: 'bool' },
  inherit_fd: { number: 27, type: inheritedFd, repeated: true },
  manage_cgroups_mode: { number: 34, type: 'uint32' },
  external: { number: 37, type: 'string', repeated: true },
  empty_ns: { number: 38, type: 'uint32' },
  join_ns: { number: 39, type: joinedNamespace, repeated: true },
  freeze_cgroup: { number: 44, type: 'string' },
  tcp_skip_in_flight: { number: 46, type: 'bool' },
  lazy_pages: { number: 48, type: 'bool' },
  orphan_pts_master: { number: 50, type: 'bool' },
  config_file: { number: 51, type: 'string' },
  tcp_close: { number: 52, type: 'bool' },
  lsm_profile: { number: 53, type: 'string' },
  lsm_mount_context: { number: 63, type: 'string' },
  network_lock: { number: 64, type: 'uint32' },
  mntns_compat_mode: { number: 65, type: 'bool' },
} as const;

const features = { mem_track: { number: 1, type: 'bool' }, lazy_pages: { number: 2, type: 'bool' } } as const;

const request = {
  type: { number: 1, type: 'uint32' },
  opts: { number: 2, type: options },
  notify_success: { number: 3, type: 'bool' },
  keep_open: { number: 4, type: 'bool' },
  features: { number: 5, type: features },
} as const;

const response = {
  type: { number: 1, type: 'uint32' },
  success: { number: 2, type: 'bool' },
  notify: { number: 5, type: { script: { number: 1, type: 'string' }, pid: { number: 2, type: 'int32' } } },
  cr_errno: { number: 7, type: 'int32' },
  features: { number: 8, type: features },
  version: {
    number: 10,
    type: {
      major_number: { number: 1, type: 'int32' },
      minor_number: { number: 2, type: 'int32' },
      sublevel: { number: 4, type: 'int32' },
    },
  },
} as const;

/** enum criu_req_type. */
export const requestTypes = { DUMP: 1, RESTORE: 2, PRE_DUMP: 4, NOTIFY: 6, FEATURE_CHECK: 9, VERSION: 10, SINGLE_PRE_DUMP: 13 } as const;
/** enum criu_network_lock_method. */
export const networkLocks = { iptables: 1, nftables: 2 } as const;
/** enum criu_cg_mode. */
export const cgroupModes = { ignore: 0, soft: 3, full: 4, strict: 5 } as const;

export type CriuOptions = Message<typeof options>;
export type CriuFeatures = Message<typeof features>;
export type CriuRequest = Message<typeof request>;
export type CriuResponse = Message<typeof response>;

export const encodeRequest = (message: CriuRequest): Uint8Array => encode(request, message);

/** @throws Error for bytes that are no message */
export const decodeResponse = (bytes: Uint8Array): CriuResponse => decode(response, bytes);

/** Name of a request's type, or its number. */
export const typeName = (type: number | undefined): string =>
  Object.entries(requestTypes).find(([, number]) => number === type)?.[0] ?? String(type);
