import { RuntimeError } from '../errors.ts';
import type { HostFacts } from '../host/facts.ts';
import { hostFacts } from '../host/probe.ts';
import { addon } from '../native/addon.ts';
import { configFileOption } from '../plan/criu/config-file.ts';
import { mountContext, processLabel } from '../plan/criu/labels.ts';
import { planRestore, type RestoreOptions } from '../plan/criu/restore.ts';
import type { Spec } from '../spec/types.ts';
import { type Bundle, bundleFor, readBundle } from './bundle/bundle.ts';
import { refuseFrozen } from './cgroups/freezer.ts';
import { refuseOccupied } from './cgroups/occupancy.ts';
import type { Context } from './context.ts';
import { keepHierarchy } from './criu/hierarchy.ts';
import { type CriuPaths, isHostFile, makeDirectories, readDescriptors } from './criu/images.ts';
import { requireLoadedProfiles } from './criu/profile.ts';
import { findCriu } from './criu/program.ts';
import { type Checkpoint, Restoration } from './criu/restoration.ts';
import { restoreLaunch } from './criu/restore-launch.ts';
import { savedLabels } from './criu/saved-labels.ts';
import { runNotedHook } from './host/hooks.ts';
import { checkConsole } from './init/console.ts';
import type { CreatedContainer, CreateRequest, Stdio } from './init/created.ts';
import { planOptions } from './plan-options.ts';
import { supervise } from './run.ts';
import { firstRecord } from './state/first-record.ts';
import { Hold } from './state/hold.ts';
import { abandon } from './state/lifecycle.ts';
import { checkId, discard } from './state/store.ts';
import { traced } from './trace.ts';

const streamNames = ['standard input', 'standard output', 'standard error'];

/** `imagePath` is what checkpoint has written to; the other directory is made when it is not there. */
export interface RestoreRequest extends RestoreOptions, CriuPaths {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  /** The configuration, in place of that of the bundle, which need not be there then. */
  readonly configText?: string;
  /** Descriptors that become its standard streams, where it had pipes or files of the host; absent: those of the caller, or pipes to them. */
  readonly stdio?: Stdio;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly detach: boolean;
  readonly noSubreaper: boolean;
}

/**
 * Makes a container from the images of a checkpoint, under any id and in any bundle whose configuration and files fit; in the foreground also
 * waits for its end and deletes it (CLI-112 to CLI-115).
 * @returns the exit status of the container's process (128 + n when signal n killed it), 0 when detached
 * @throws RuntimeError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, CRIU_MISSING, CRIU_UNSUPPORTED, CRIU_FAILED; then nothing of the container is left
 */
export function restore(context: Context, request: RestoreRequest): number {
  const { detach, noSubreaper } = request;
  const createRequest = createRequestOf(request);
  const container = restoreContainer(context, request, createRequest);
  return supervise(context, { ...createRequest, detach, keep: false, noSubreaper }, container, () => runPoststart(context, container));
}

/**
 * restore, for a caller who goes on with the container, whose program runs and is his child.
 * @throws RuntimeError as restore; then nothing of the container is left
 */
export function restoreProcess(context: Context, request: RestoreRequest): CreatedContainer {
  const container = restoreContainer(context, request, createRequestOf(request));
  const { hold, record, pidfd, console } = container;
  try {
    runPoststart(context, container);
    return container;
  } catch (error) {
    abandon(context, hold, record);
    hold.close();
    for (const fd of [pidfd, console]) if (fd >= 0) addon.close(fd);
    throw error;
  }
}

function createRequestOf({ id, bundle, stdio, pidFile, consoleSocket }: RestoreRequest): CreateRequest {
  return {
    id,
    bundle,
    ...(stdio === undefined ? {} : { stdio }),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
    noPivot: false,
    noNewKeyring: true,
    preserveFds: 0,
  };
}

function restoreContainer(context: Context, request: RestoreRequest, createRequest: CreateRequest): CreatedContainer {
  checkId(request.id);
  const written = traced(context, 'read the bundle', 'runtime', () => readBundle(request, context.warn));
  checkConsole(written.spec, request.consoleSocket, request.detach);
  const descriptors = readDescriptors(request.imagePath);
  requireFiles(descriptors, request.stdio);
  const facts = traced(context, 'ask the host', 'runtime', hostFacts);
  const bundle = bundleFor(facts, written, context.warn);
  const options = planOptions(context, { id: request.id, bundle: bundle.path }, facts);
  const { spec, ...mounted } = mountContext(bundle.spec, request.lsmMountContext);
  const config = configFileOption(bundle.spec.annotations, context.allowedAnnotations);
  const launch = restoreLaunch(context, request.id, findCriu(), request);
  const plan = traced(context, 'plan', 'runtime', () => planRestore(spec, options, facts, launch));
  const label = restoredLabel(spec, facts, request);
  for (const warning of plan.warnings) context.warn(warning);
  if (request.workPath !== undefined) makeDirectories(request.workPath);
  return make(
    context,
    createRequest,
    bundle,
    { plan, request: { ...request, ...label, ...mounted }, config, descriptors },
    !request.detach && request.stdio === undefined,
  );
}

/**
 * The label that CRIU is to set, which has to be there.
 * @throws RuntimeError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, INVALID_VALUE, APPARMOR_MISSING, SELINUX_MISSING
 */
function restoredLabel({ process }: Spec, facts: HostFacts, { imagePath, lsmProfile }: RestoreRequest): { readonly lsmProfile?: string } {
  const saved = facts.apparmor || facts.selinux ? savedLabels(imagePath) : { all: [] };
  const label = processLabel(process, facts, lsmProfile, saved);
  requireLoadedProfiles(label === undefined ? saved.all : [label]);
  return label === undefined ? {} : { lsmProfile: label };
}

/** @throws RuntimeError CHECKPOINT_UNSUPPORTED for a standard stream that is no file and has to be one */
function requireFiles(descriptors: readonly string[], stdio: readonly number[] = [0, 1, 2]): void {
  for (const [fd, stream] of descriptors.entries()) {
    if (!isHostFile(stream) || addon.stat(`/proc/self/fd/${stdio[fd]}`, true)?.type === 'file') continue;
    throw new RuntimeError('CHECKPOINT_UNSUPPORTED', `the ${streamNames[fd]} of the saved process was a file, and is not to be one now`, {
      hint: `give a file, as with ${fd === 0 ? '< input' : '>> output'}`,
    });
  }
}

function make(context: Context, request: CreateRequest, bundle: Bundle, checkpoint: Checkpoint, attached: boolean): CreatedContainer {
  const hold = Hold.claim(context, request.id);
  context.claimed?.(hold.identity());
  try {
    const record = firstRecord(request, bundle, checkpoint.plan);
    refuseOccupied(record.cgroupPaths, record.madeCgroups);
    refuseFrozen(record.cgroupPaths);
    // What was a file cannot go on as a pipe: CRIU seeks to where it was.
    const piped = attached && bundle.spec.process?.terminal !== true && !checkpoint.descriptors.some(isHostFile);
    return keepHierarchy(context, () => new Restoration(context, request, bundle, checkpoint, record, hold, piped).run());
  } catch (error) {
    if (hold.lockOrWarn(context)) discard(context, request.id);
    hold.close();
    throw error;
  }
}

function runPoststart(context: Context, { hold, record }: CreatedContainer): undefined {
  hold.unlock();
  record.poststart.forEach((hook, index) => {
    runNotedHook(context, hold, record, { kind: 'poststart', index, hook, status: 'running' });
  });
}
