import { RuntimeError } from '../errors.ts';
import type { HostFacts } from '../host/facts.ts';
import { hostFacts } from '../host/probe.ts';
import { addon } from '../native/addon.ts';
import { plan } from '../plan/build.ts';
import type { PlanOptions } from '../plan/context.ts';
import type { Plan } from '../plan/plan.ts';
import { exactJson } from '../spec/exact-json.ts';
import type { Spec } from '../spec/types.ts';
import { type Bundle, bundleFor, readBundle } from './bundle/bundle.ts';
import { refuseFrozen } from './cgroups/freezer.ts';
import { refuseOccupied } from './cgroups/occupancy.ts';
import type { Context } from './context.ts';
import { parentOf } from './guard.ts';
import { checkConsole } from './init/console.ts';
import type { CreatedContainer, CreateRequest } from './init/created.ts';
import { Creation } from './init/creation.ts';
import { withNotifySocket } from './init/notify.ts';
import { filterOf } from './init/seccomp-cache.ts';
import { planOptions } from './plan-options.ts';
import { plainNewlines } from './process/foreground.ts';
import { inheritedCount, withListenFds } from './process/inherited.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { firstRecord } from './state/first-record.ts';
import { Hold } from './state/hold.ts';
import { checkId, discard, notifyDirectory } from './state/store.ts';
import { traced } from './trace.ts';

/**
 * Creates a container and leaves it waiting for `start` (RT-037 to RT-046).
 * @throws RuntimeError; then nothing of the container is left
 */
export function create(context: Context, request: CreateRequest): void {
  const { pidfd, hold } = createContainer(context, request, true);
  hold.close();
  addon.close(pidfd);
}

/** create, for callers that go on with the container; `detached` says that nobody of this process will serve its terminal. */
export function createContainer(context: Context, request: CreateRequest, detached: boolean): CreatedContainer {
  checkId(request.id);
  const written = traced(context, 'read the bundle', 'runtime', () => bundleOf(context, request));
  checkConsole(written.spec, request.consoleSocket, detached);
  checkKept(written.spec, request);
  const { listenFds = 0, preserveFds, notifySocket } = request;
  const inherited = inheritedCount({ listenFds, preserveFds });
  const facts = traced(context, 'ask the host', 'runtime', hostFacts);
  const bundle = bundleFor(facts, written, context.warn);
  const spec = withListenFds(bundle.spec, listenFds);
  const question = {
    id: request.id,
    bundle: bundle.path,
    noPivot: request.noPivot,
    noNewKeyring: request.noNewKeyring,
    preserveFds: inherited,
    plainNewlines: !detached && request.stdio === undefined && bundle.spec.process?.terminal === true && plainNewlines(),
  };
  const options = planOptions(context, question, facts);
  const told = notifySocket === undefined ? spec : withNotifySocket(spec, notifyDirectory(context, request.id));
  const compiled = planned(context, told, options, facts);
  for (const warning of compiled.warnings) context.warn(warning);
  context.debug(`creating ${request.id} from ${bundle.path} in ${compiled.steps.length} steps`);
  const hold = Hold.claim(context, request.id);
  context.claimed?.(hold.identity());
  const record = heldRecord(context, hold, request, bundle, compiled);
  const piped = !detached && request.stdio === undefined && spec.process?.terminal !== true;
  return new Creation(context, { ...request, preserveFds: inherited }, bundle, compiled, record, hold, piped).run();
}

function planned(context: Context, spec: Spec, options: PlanOptions, facts: HostFacts): Plan {
  const compile = (own: PlanOptions): Plan => {
    const seccompFilter = traced(context, 'get the seccomp filter', 'runtime', () => filterOf(context, spec, facts.machine));
    return traced(context, 'plan', 'runtime', () => plan(spec, { ...own, seccompFilter }, facts));
  };
  return context.plans === undefined ? compile(options) : context.plans.plan(spec, options, facts, compile);
}

/** Of a terminal the end with the screen belongs to a process, and ends with it. @throws RuntimeError INVALID_VALUE */
function checkKept({ process }: Bundle['spec'], { keepsStreams }: CreateRequest): void {
  if (keepsStreams && process?.terminal)
    throw new RuntimeError('INVALID_VALUE', 'a terminal cannot be kept', { pointer: '/process/terminal' });
}

function bundleOf(context: Context, request: CreateRequest): Bundle {
  const bundle = withTerminal(readBundle(request, context.warn, context.plans?.parse), request.terminal);
  return request.recorder?.adapted(bundle) ?? bundle;
}

/** @throws RuntimeError PROCESS_MISSING */
function withTerminal(bundle: Bundle, consoleSize: CreateRequest['terminal']): Bundle {
  if (consoleSize === undefined) return bundle;
  if (!bundle.spec.process) throw new RuntimeError('PROCESS_MISSING', 'a terminal needs a process', { pointer: '/process' });
  const spec = { ...bundle.spec, process: { ...bundle.spec.process, terminal: true, consoleSize } };
  return { ...bundle, spec, text: exactJson(spec) };
}

/** The first record of a container whose cgroups are fit for it; else nothing is left. @throws RuntimeError CGROUP_NOT_EMPTY, CGROUP_FROZEN, MOUNT_NAMESPACE_MISSING */
function heldRecord(context: Context, hold: Hold, request: CreateRequest, bundle: Bundle, compiled: Plan): ContainerRecord {
  try {
    const record = { ...firstRecord(request, bundle, compiled), ...parentOf(context) };
    refuseOccupied(record.cgroupPaths, record.madeCgroups);
    refuseFrozen(record.cgroupPaths);
    return record;
  } catch (error) {
    discard(context, request.id);
    hold.close();
    throw error;
  }
}
