import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { isNew } from '../plan/context.ts';
import { configFileOption } from '../plan/criu/config-file.ts';
import { type DumpRequest, dumpOptions, planDump } from '../plan/criu/dump.ts';
import type { CriuProgram } from '../plan/criu/launch.ts';
import { foreignNamespaces, requireOwnNamespaces } from '../plan/criu/namespaces.ts';
import { type CriuOptions, type CriuRequest, requestTypes } from '../plan/criu/rpc.ts';
import type { Spec } from '../spec/types.ts';
import { refuseFrozenAbove } from './cgroups/freezer.ts';
import type { Context } from './context.ts';
import { preDumpType, requireFeatures, requireVersion } from './criu/capabilities.ts';
import { closeAll } from './criu/channel.ts';
import { externalMounts } from './criu/external.ts';
import { keepHierarchy } from './criu/hierarchy.ts';
import {
  type CriuDirectories,
  type CriuPaths,
  closeDirectories,
  directoryOptions,
  isHostFile,
  logPath,
  makeDirectories,
  openDirectories,
  realDirectories,
  saveDescriptors,
  standardStreams,
} from './criu/images.ts';
import { leftOut } from './criu/left-out.ts';
import { withLog } from './criu/log.ts';
import { mountsOf } from './criu/mounts.ts';
import { type CriuProcess, startCriu } from './criu/process.ts';
import { findCriu, networkLock } from './criu/program.ts';
import { savedLabels } from './criu/saved-labels.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { Hold } from './state/hold.ts';
import { destroy, killInit } from './state/lifecycle.ts';
import { load, loadSpec } from './state/store.ts';
import { currentStatus } from './state.ts';
import { traced } from './trace.ts';

/** The directories are made when they are not there. */
export interface CheckpointRequest extends DumpRequest, CriuPaths {
  readonly id: string;
  /** Open descriptor that gets a NUL byte when the pages can be asked for. */
  readonly statusFd?: number;
}

const logFile = 'dump.log';

/**
 * Saves a running or paused container by CRIU and, unless it is to go on, ends and deletes it (CLI-094 to CLI-111).
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING, CRIU_MISSING, CRIU_UNSUPPORTED, CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID, CRIU_FAILED; then the container goes on as it was
 */
export function checkpoint(context: Context, request: CheckpointRequest): void {
  const hold = Hold.take(context, request.id);
  try {
    const record = load(context, request.id);
    requireRunning(context, record);
    const spec = loadSpec(context, request.id);
    requireOwnNamespaces(spec.linux ?? {});
    refuseFrozenAbove(record.cgroupPaths);
    const config = configFileOption(spec.annotations, context.allowedAnnotations);
    const program = findCriu();
    warnOfLeftOut(context, record, request);
    makeDirectories(request.imagePath);
    if (request.workPath !== undefined) makeDirectories(request.workPath);
    keepHierarchy(context, () => save(context, request, { record, spec, config, program }));
    if (!request.preDump && !request.leaveRunning) {
      killInit(context, record);
      destroy(context, hold, record);
    }
    // At last: with what the images hold nothing of the container has to be mended.
    warnOfLabel(context, spec, request);
  } finally {
    hold.close();
  }
}

function requireRunning(context: Context, record: ContainerRecord): void {
  const status = currentStatus(context, record);
  if (status === 'running' || status === 'paused') return;
  throw new RuntimeError('NOT_RUNNING', `Container cannot be checkpointed in ${status} state`, {
    hint: status === 'created' ? `"runts start ${record.id}" has its program run` : 'only what runs can be saved',
  });
}

function warnOfLeftOut(context: Context, record: ContainerRecord, { preDump, leaveRunning }: CheckpointRequest): void {
  const pids = preDump ? [] : leftOut(record);
  if (pids.length === 0) return;
  const fate = leaveRunning ? '' : ' and ends with the container';
  const message = `not saved${fate}: what exec has started, process ${pids.join(', ')}`;
  context.warn({ code: 'PROCESS_NOT_SAVED', message });
}

/** A restore refuses such images then. */
function warnOfLabel(context: Context, { process }: Spec, { preDump, imagePath }: CheckpointRequest): void {
  const label = process?.apparmorProfile || process?.selinuxLabel;
  if (preDump || !label || savedLabels(imagePath).init !== undefined) return;
  context.warn({
    code: 'LABEL_NOT_SAVED',
    message: `not saved: ${label}, of which CRIU knows nothing; restored, the processes would lack it`,
  });
}

interface Saved {
  readonly record: ContainerRecord;
  readonly spec: Spec;
  readonly config: Pick<CriuOptions, 'config_file'>;
  readonly program: CriuProgram;
}

function save(context: Context, request: CheckpointRequest, { record, spec, config, program }: Saved): void {
  const { preDump, lazyPages } = request;
  let directories: CriuDirectories | undefined;
  const criu = startCriu(context, planDump(program), (pid) => {
    directories = openDirectories(realDirectories(request), pid);
  });
  try {
    const version = requireVersion(criu.channel);
    context.debug(`using CRIU ${version}`);
    requireFeatures(criu.channel, [...(preDump ? (['mem_track'] as const) : []), ...(lazyPages ? (['lazy_pages'] as const) : [])]);
    const own = containerOptions(record, spec, request);
    const opts = {
      ...dumpOptions(request, logFile),
      ...networkLock(),
      ...directoryOptions(directories as CriuDirectories),
      ...config,
      ...own,
    };
    const type = preDump ? preDumpType(version) : requestTypes.DUMP;
    traced(context, 'save the processes', 'runtime', () => dump(context, request, criu, { type, opts }));
  } catch (error) {
    throw withLog(error, logPath(request, logFile));
  } finally {
    if (directories) closeDirectories(directories);
    criu.close();
  }
}

function dump(context: Context, { statusFd }: CheckpointRequest, { channel }: CriuProcess, wanted: CriuRequest): void {
  channel.request(wanted, (script, _pid, fds) => {
    closeAll(fds);
    context.debug(`criu: ${script}`);
    if (context.isGivenUp?.()) throw new RuntimeError('CRIU_FAILED', 'the checkpoint was given up');
    if (script === 'status-ready' && statusFd !== undefined) tellReady(statusFd);
  });
}

/** Whoever waits for the byte may have gone. */
function tellReady(statusFd: number): void {
  try {
    addon.writeFd(statusFd, '\0');
  } catch (error) {
    if (!failedWith(error, 'EPIPE')) throw error;
  }
  addon.close(statusFd);
}

/** What CRIU has to know of the container. Of its streams a note is left among the images. */
function containerOptions(record: ContainerRecord, spec: Spec, { imagePath, preDump }: CheckpointRequest): CriuOptions {
  const linux = spec.linux ?? {};
  const freezer = record.cgroupPaths['freezer'] ?? record.cgroupPaths[''];
  const mounts = mountsOf(record.pid);
  const streams = standardStreams(record.pid, new Set(mounts.map(({ id }) => id)));
  const namespaces = foreignNamespaces(linux).map(({ criu, key }) => `${criu}[${inodeOf(record.pid, criu)}]:${key}`);
  if (!preDump) saveDescriptors(imagePath, streams);
  return {
    pid: record.pid,
    root: record.rootfs,
    ...(freezer === undefined ? {} : { freeze_cgroup: freezer }),
    external: [...namespaces, ...new Set(streams.filter(isHostFile))],
    ext_mnt: preDump ? [] : externalMounts(mounts, mountsOf('self'), isNew(linux, 'cgroup'), linux.maskedPaths),
  };
}

/** The number that tells one namespace from another, as in "net:[4026531840]": of the container's own, wherever its path leads by now. */
const inodeOf = (pid: number, criu: string): string => /\[(\d+)\]$/.exec(addon.readLink(`/proc/${pid}/ns/${criu}`))?.[1] ?? '';
