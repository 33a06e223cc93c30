import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Result } from '../harness/command.ts';
import { injected, type Place, placeName, placesOf } from '../harness/inject.ts';
import { portraitEnd } from '../harness/portrait.ts';
import { isSanitized, projectRoot } from '../harness/suite.ts';
import type { Act } from './act.ts';
import { Create } from './acts.ts';

export const errnos = ['EIO', 'ENOMEM', 'EMFILE', 'ENOSPC', 'EACCES', 'EINTR', 'EPERM'] as const;

export interface Fault {
  readonly place: Place;
  readonly errno: string;
  /** The step of the plan that it is in, which is to be named together with what it is done to. */
  readonly step?: { readonly op: string; readonly title: string; readonly object: string | undefined };
  /** Whether no other call of that number will do. */
  readonly aimed?: boolean;
}

/** What became of the faults of one act. */
export interface Tally {
  injected: number;
  /** The command succeeded in spite of it. */
  succeeded: number;
  refused: number;
  /** The command never came there. */
  missed: number;
  readonly findings: string[];
  /** Operations of the steps that were hit. */
  readonly ops: Set<string>;
}

const documented = new Set(
  [...readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z][A-Z_]+)$/gm)].map(([, code]) => code),
);

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly step?: string;
  readonly syscall?: string;
  readonly pointer?: string;
}

function errorLine(act: Act): Line | undefined {
  if (!existsSync(act.log)) return undefined;
  const lines = readFileSync(act.log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line).findLast(({ level }) => level === 'error');
}

/** The exec fifo, as init opens it: by a descriptor that it was handed. */
const execFifo = /^\d+ self\/fd\//;

/** Where init says what has failed: when that fails nobody hears of it. */
const isChannel = ({ role, call, details }: Place): boolean =>
  role !== 'runtime' && ((call === 'write' && /^3 (socket:|.*\.fifo( |$))/.test(details)) || (call === 'openat' && execFifo.test(details)));

/** A failure has its status, a documented code, and says what failed and at what. */
function expectTold(act: Act, result: Result, place: Place, step: Fault['step']): void {
  // Before the log is open nobody has asked which command it is for; exec ends with 1 as well then, and with runc (CLI-060).
  const failure = place.role === 'runtime' && place.details.includes(act.log) ? 1 : act.failure;
  expect(result.status, `exit status; ${result.stderr}`).toBe(failure);
  const line = errorLine(act);
  // Of the log itself only stderr tells.
  if (line === undefined) {
    expect(result.stderr, 'stderr, where the log is silent').not.toBe('');
    return;
  }
  expect(line.msg).not.toBe('');
  expect(documented.has(line.code ?? '') || /^E[A-Z0-9]+$/.test(line.code ?? ''), `code of ${JSON.stringify(line)}`).toBe(true);
  const names = line.step ?? line.syscall ?? line.pointer ?? /\/\S|\b(in|of|container|process|init) /.exec(line.msg)?.[0];
  expect(names, `what failed, in ${JSON.stringify(line)} for ${placeName(place)}`).toBeDefined();
  if (step === undefined || isChannel(place)) return;
  // What could not be made is told by the step that wants to be there.
  if (step.op !== 'cwd.make') expect(line.step, `step, in ${JSON.stringify(line)}`).toBe(step.title);
  if (step.object !== undefined) expect(line.msg, 'what it was done to').toContain(step.object);
}

/** A device that every container may use, and that the caller's own cgroup does not hand on, is one less to use, and no error; but CRIU may want it. */
const isForbiddenDevice = (hit: Place | undefined, errno: string): boolean =>
  errno === 'EPERM' && hit?.role === 'runtime' && /^(openat|write)$/.test(hit.call) && hit.details.endsWith('/devices.allow');

/** Whatever protects the host or the neighbours is there. */
function expectSame(lines: readonly string[], clean: readonly string[], mayLack: boolean): void {
  const added = lines.filter((line) => !clean.includes(line)).map((line) => `+ ${line}`);
  const missing = clean.filter((line) => !lines.includes(line)).map((line) => `- ${line}`);
  if (mayLack && missing.length === 1 && /^- devices.list: [bc] /.test(missing[0] ?? '')) missing.pop();
  if (added.length + missing.length > 0) {
    throw new Error(`the effect is another than without a fault:\n${[...missing, ...added].join('\n')}`);
  }
}

/**
 * The effect; but where the runtime itself could not read what the program printed, or write it, that it goes on without. What it has begun to
 * pass on is not the program's failure, and its status is the answer.
 */
async function effectOf(act: Act, result: Result, hit: Place | undefined, clean: readonly string[]): Promise<string[]> {
  // Init has said that it is ready when it opens its fifo, and nobody listens any more: that it has ended, start says.
  if (act instanceof Create && act.starts && hit?.role === 'init' && execFifo.test(hit.details)) {
    expect((await act.box.runtime(['start', act.id])).status).toBe(1);
    return [...clean];
  }
  const passes = act.success !== 0 && hit?.role === 'runtime' && /^(read|write|writev|poll|splice|fcntl)$/.test(hit.call);
  if (!passes || result.stdout.includes(portraitEnd)) return act.effect(result);
  return [...clean];
}

/**
 * How often a process waits for others, as the runtime does for init and init for hooks, and how long the host's table of mounts is, is another number
 * every time, so that sometimes another call has that number.
 */
function isThere(hit: Place | undefined, { call, details }: Place): boolean {
  const words = (text: string) => text.replace(/\d+/g, '');
  return hit !== undefined && hit.call === call && words(hit.details) === words(details);
}

/** One attempt with one fault. @returns whether it was in the step, or the call, that it is meant for */
async function attempt(
  act: Act,
  { place, errno, step: wanted, aimed = false }: Fault,
  clean: readonly string[],
  tally: Tally,
): Promise<boolean> {
  await act.before();
  const { result, hit } = await injected(act.box, act.args, place, errno, act.call);
  if (hit) tally.injected++;
  else tally.missed++;
  const step = isThere(hit, place) ? wanted : undefined;
  if (step) tally.ops.add(step.op);
  try {
    if (result.status === act.success) {
      if (hit) tally.succeeded++;
      expectSame(await effectOf(act, result, hit, clean), clean, isForbiddenDevice(hit, errno));
    } else {
      if (hit) tally.refused++;
      if (isForbiddenDevice(hit, errno)) expect(result.stderr, 'the device that is missing').toMatch(/ptmx/);
      // Sanitizers call the kernel now and then, so that a number is another call's of the same kind.
      else expectTold(act, result, hit ?? place, isSanitized ? undefined : step);
      await act.failed();
    }
    await act.after();
    return step === wanted && (!aimed || isThere(hit, place));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(`${hit ? placeName(hit) : `not reached: ${placeName(place)}`}, status ${result.status}: ${words}\n${result.stderr}`);
  }
}

/** What sanitizers call before init begins: they take a failure for the end, and wait for themselves (native/tests/hosted_init.cc opens the file). */
function withoutSanitizersOwn(places: readonly Place[]): Place[] {
  const isTheirs = ({ role, details }: Place): boolean => role === 'intermediate' && details.endsWith('/sanitizer-reports/init');
  const start = places.findLast(isTheirs)?.at ?? 0;
  return places.filter(({ role, at }) => role !== 'intermediate' || at > start);
}

/** What the act does without a fault: the places where one can be, and the effect. */
export async function cleanRun(act: Act): Promise<{ places: Place[]; clean: string[] }> {
  await act.before();
  const { result, places } = await placesOf(act.box, act.args, act.call);
  expect(result.status, String(result)).toBe(act.success);
  const clean = await act.effect(result);
  await act.after();
  return { places: withoutSanitizersOwn(places), clean };
}

/** A busy machine has processes wait for each other more often, and other calls get the number that is aimed at. */
const mostTries = 20;

/** @param report file that gets a line for every finding as it is made. */
export async function tryFaults(act: Act, faults: readonly Fault[], clean: readonly string[], report?: string): Promise<Tally> {
  const tally: Tally = { injected: 0, succeeded: 0, refused: 0, missed: 0, findings: [], ops: new Set() };
  for (const fault of faults) {
    const name = `${act.constructor.name} ${act.kind} ${fault.place.role} ${fault.place.at} ${fault.errno}`;
    try {
      for (let tries = 0; tries < mostTries && !(await attempt(act, fault, clean, tally)); tries++);
    } catch (error) {
      const finding = `FAULTS='${name}': ${error instanceof Error ? error.message : error}`;
      tally.findings.push(finding);
      if (report !== undefined) appendFileSync(report, `${finding}\n\n`);
      await act.recover();
    }
  }
  return tally;
}
