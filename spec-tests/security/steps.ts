import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Step as PlannedStep, RuntimeAction } from '../../src/plan/plan.ts';
import { callsOf, canFail, type Place } from '../harness/inject.ts';
import { isStatic } from '../harness/needs.ts';
import { findRuntime } from '../harness/suite.ts';
import type { Act } from './act.ts';
import { Exec } from './acts.ts';
import { Restore } from './acts-criu.ts';

/** A step of a plan, and what can fail of it. */
export interface Step {
  readonly op: string;
  readonly title: string;
  /** What it is done to, where a path or a name says so. */
  readonly object: string | undefined;
  readonly calls: readonly Place[];
}

type RuntimeOp = RuntimeAction['op'];
type ActionOf<O extends RuntimeOp> = Extract<RuntimeAction, { op: O }>;

const call = (name: RegExp, ending: string) => (place: Place) => name.test(place.call) && place.details.endsWith(ending);
const opened = (path: string) => call(/^openat?$/, path);
const written = (path: string) => call(/^write$/, path);

/** The system call that stands for a step of the runtime. */
const runtimeCalls: { readonly [O in RuntimeOp]: (action: ActionOf<O>) => (place: Place) => boolean } = {
  'cgroup.create': ({ path }) => call(/^mkdir$/, path),
  'cgroup.write': ({ path }) => written(path),
  'cgroup.inheritCpuset': ({ path }) => written(`${path}/cpuset.cpus`),
  'cgroup.enable': ({ root }) => written(`${root}/cgroup.subtree_control`),
  'cgroup.spawnInto': ({ path }) => opened(path),
  'cgroup.deviceFilter': () => call(/^bpf$/, ''),
  'cgroup.scope': () => call(/^connect$/, ''),
  'cgroup.delegate': ({ path }) => call(/^chown$/, path),
  'cgroup.open': ({ files }) => opened(files[0]?.path ?? ''),
  'idMappings.write': () => written('/uid_map'),
  'userNamespace.make': () => written('/uid_map'),
  'resctrl.create': ({ path }) => call(/^mkdir$/, path),
  'resctrl.require': ({ path }) => call(/^stat$/, path),
  'resctrl.schemata': ({ path }) => written(`${path}/schemata`),
  'resctrl.join': ({ path }) => written(`${path}/tasks`),
  'oomScoreAdj.write': () => written('/oom_score_adj'),
  'hook.run': () => call(/^clone$/, ''),
  'netDevice.find': () => call(/^socket$/, ''),
  'netDevice.move': () => call(/^sendto$/, ''),
};

/** What is to be named, by the fields of all operations. */
function objectOf(action: object): string | undefined {
  const { op, destination, path, source, name } = action as Partial<Record<'op' | 'destination' | 'path' | 'source' | 'name', string>>;
  // There the path is the variable.
  if (op === 'exec.find') return name;
  // Its title says what it is, and the failure which of many files or mounts.
  if (op === 'keyring.join' || op === 'cgroup.inheritCpuset' || op === 'mounts.stage') return undefined;
  return [destination, path, source, name].find((text) => text !== undefined && text !== '');
}

const isClock = (place: Place | undefined): boolean => place?.call === 'clock_gettime';
const isReport = (place: Place | undefined): boolean => place?.call === 'write' && /^3 socket:/.test(place.details);

/**
 * How many calls the end of a step takes, when this is one: with --trace init asks the clock before and after each step, and tells of it. After
 * ns.clone it waits first until its parent has told of it.
 */
function endOfStep(calls: readonly Place[], at: number): number {
  if (!isClock(calls[at])) return 0;
  if (isReport(calls[at + 1])) return 2;
  return calls[at + 1]?.call === 'read' && isReport(calls[at + 3]) ? 4 : 0;
}

/** @param told of how many steps init tells: once the fifo is open, of none any more */
function perStep(calls: readonly Place[], told: number): Place[][] {
  const steps: Place[][] = [];
  for (let at = calls.findIndex(isClock) + 1; at < calls.length; at++) {
    const own: Place[] = [];
    const isEnd = () => (steps.length < told ? endOfStep(calls, at) > 0 : isClock(calls[at]));
    for (; at < calls.length && !isEnd(); at++) own.push(calls[at] as Place);
    if (steps.length < told) at += endOfStep(calls, at);
    steps.push(own);
  }
  return steps;
}

interface Told {
  readonly title: string;
  readonly op: string;
}

function toldOf(file: string): Told[] {
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as {
    traceEvents: { ph: string; tid: number; name: string; args?: { op: string } }[];
  };
  return traceEvents.filter(({ ph, tid }) => ph === 'X' && tid > 1).map(({ name, args }) => ({ title: name, op: args?.op ?? '' }));
}

async function planOf(act: Act): Promise<PlannedStep[]> {
  const args = [
    'plan',
    ...(act instanceof Restore ? ['--restore'] : []),
    '--format',
    'json',
    '--bundle',
    act.bundle.directory,
    '--id',
    act.id,
  ];
  return (await act.box.runtime(args, act.call)).ok().json<{ steps: PlannedStep[] }>().steps;
}

/** What the runtime does itself, as far as a call of it can be told from the others. */
function runtimeSteps(planned: readonly PlannedStep[], calls: readonly Place[]): Step[] {
  if (!isStatic(findRuntime().command)) return [];
  const own = calls.filter(({ role }) => role === 'runtime');
  const taken = new Set<Place>();
  let last = -1;
  return planned.flatMap(({ stage, title, action }) => {
    if (stage !== 'runtime') return [];
    const isIts = (runtimeCalls[action.op] as (action: RuntimeAction) => (place: Place) => boolean)(action);
    const isNext = (candidate: Place) => !taken.has(candidate) && isIts(candidate);
    // Two steps may write the same file: a later one is rather looked for behind those before it.
    const place = own.slice(last + 1).find(isNext) ?? own.find(isNext);
    if (place) {
      taken.add(place);
      last = own.indexOf(place);
    }
    return [{ op: action.op, title, object: objectOf(action), calls: place ? [place] : [] }];
  });
}

/** Processes that come after it enter the namespaces of what CRIU has made. */
function untilCriu(calls: readonly Place[]): Place[] {
  const last = calls.findIndex(({ call, details }) => call === 'execve' && details.endsWith('/criu'));
  return last < 0 ? [...calls] : calls.slice(0, last + 1);
}

/** Every step of the plan of an act, by one run without a fault. The act is traced from now on. */
export async function stepsOf(act: Act): Promise<{ steps: Step[]; clean: string[] }> {
  act.trace = join(act.box.directory, 'trace.json');
  // The first container has its filter compiled, the others find it in the cache.
  await act.before();
  const first = await act.box.runtime(act.args, act.call);
  expect(first.status, String(first)).toBe(act.success);
  await act.effect(first);
  await act.after();
  await act.before();
  const { result, calls } = await callsOf(act.box, act.args, act.call);
  expect(result.status, String(result)).toBe(act.success);
  const clean = await act.effect(result);
  await act.after();
  const own = untilCriu(['intermediate', 'init'].flatMap((role) => calls.filter((place) => place.role === role)));
  const told = toldOf(act.trace);
  if (act instanceof Exec) {
    const last = { op: 'exec', title: `execute ${act.args.slice(2).join(' ')}` };
    return { steps: joined([...told, last], perStep(own, told.length)), clean };
  }
  const planned = await planOf(act);
  const ofInit = planned
    .filter(({ stage }) => stage !== 'runtime')
    .map(({ title, action }, index) =>
      (told[index]?.title ?? title) === title ? { title, op: action.op, action } : (told[index] as Told),
    );
  // plan knows no --no-pivot, and not where CRIU is.
  const unknown = act.kind === 'unpivoted' ? ['root.move'] : act instanceof Restore ? ['exec.find'] : [];
  expect(ofInit.filter((step, index) => step === told[index]).map(({ op }) => op)).toEqual(unknown);
  const ofRuntime = runtimeSteps(planned, calls);
  // CRIU it has become with the last.
  if (act instanceof Restore) return { steps: [...ofRuntime, ...joined(ofInit.slice(0, told.length), perStep(own, told.length))], clean };
  // Of `report.ready` it tells as well, but nobody listens any more.
  return { steps: [...ofRuntime, ...joined(ofInit, perStep(own, told.length + 1))], clean };
}

function joined(steps: readonly (Told & { readonly action?: object })[], calls: readonly (readonly Place[])[]): Step[] {
  return steps.map(({ op, title, action = {} }, index) => ({
    op,
    title,
    object: objectOf(action),
    calls: (calls[index] ?? []).filter(canFail),
  }));
}
