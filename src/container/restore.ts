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
import type { CreatedContainer, CreateRequest } from './init/created.ts';
import { planOptions } from './plan-options.ts';
import { supervise } from './run.ts';
import { firstRecord } from './state/first-record.ts';
import { Hold } from './state/hold.ts';
import { checkId, discard } from './state/store.ts';
import { traced } from './trace.ts';

const streamNames = ['standard input', 'standard output', 'standard error'];

/** `imagePath` is what checkpoint has written to; the other directory is made when it is not there. */
export interface RestoreRequest extends RestoreOptions, CriuPaths {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
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
  checkId(request.id);
  const { id, bundle, pidFile, consoleSocket, detach, noSubreaper } = request;
  const createRequest: CreateRequest = {
    id,
    bundle,
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
    noPivot: false,
    noNewKeyring: true,
    preserveFds: 0,
  };
  const container = restoreContainer(context, request, createRequest);
  return supervise(context, { ...createRequest, detach, keep: false, noSubreaper }, container, () => runPoststart(context, container));
}

function restoreContainer(context: Context, request: RestoreRequest, createRequest: CreateRequest): CreatedContainer {
  const written = traced(context, 'read the bundle', 'runtime', () => readBundle(request, context.warn));
  checkConsole(written.spec, request.consoleSocket, request.detach);
  const descriptors = readDescriptors(request.imagePath);
  requireFiles(descriptors);
  const facts = traced(context, 'ask the host', 'runtime', hostFacts);
  const bundle = bundleFor(facts, written, context.warn);
  const options = planOptions(context, { id: request.id, bundle: bundle.path }, facts);
  const label = restoredLabel(bundle.spec, facts, request);
  const { spec, ...mounted } = mountContext(bundle.spec, request.lsmMountContext);
  const config = configFileOption(bundle.spec.annotations, context.allowedAnnotations);
  const launch = restoreLaunch(context, request.id, findCriu(), request);
  const plan = traced(context, 'plan', 'runtime', () => planRestore(spec, options, facts, launch));
  for (const warning of plan.warnings) context.warn(warning);
  if (request.workPath !== undefined) makeDirectories(request.workPath);
  return make(
    context,
    createRequest,
    bundle,
    { plan, request: { ...request, ...label, ...mounted }, config, descriptors },
    !request.detach,
  );
}

/**
 * The label that CRIU is to set, which has to be there.
 * @throws RuntimeError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, INVALID_VALUE, APPARMOR_MISSING, SELINUX_MISSING
 */
function restoredLabel({ process }: Spec, facts: HostFacts, { imagePath, lsmProfile }: RestoreRequest): { readonly lsmProfile?: string } {
  const saved = facts.apparmor || facts.selinux ? savedLabels(imagePath) : { all: [] };
  const label = processLabel(process, facts, lsmProfile, saved);
  requireLoadedProfiles(label === undefined ? saved.all.map((name) => `${saved.module}:${name}`) : [label]);
  return label === undefined ? {} : { lsmProfile: label };
}

/** @throws RuntimeError CHECKPOINT_UNSUPPORTED for a standard stream that is no file and has to be one */
function requireFiles(descriptors: readonly string[]): void {
  for (const [fd, stream] of descriptors.entries()) {
    if (!isHostFile(stream) || addon.stat(`/proc/self/fd/${fd}`, true)?.type === 'file') continue;
    throw new RuntimeError('CHECKPOINT_UNSUPPORTED', `the ${streamNames[fd]} of the saved process was a file, and is not to be one now`, {
      hint: `give a file, as with ${fd === 0 ? '< input' : '>> output'}`,
    });
  }
}

function make(context: Context, request: CreateRequest, bundle: Bundle, checkpoint: Checkpoint, attached: boolean): CreatedContainer {
  const hold = Hold.claim(context, request.id);
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
