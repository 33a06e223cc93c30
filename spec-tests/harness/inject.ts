import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Result } from './command.ts';
import { isStatic } from './needs.ts';
import type { CallOptions } from './runtime-call.ts';
import { findRuntime } from './suite.ts';
import { callNumbers } from './syscalls.ts';

/** A system call of one process of a command, as `probe inject` counts them. */
export interface Place {
  /** runtime, starting (its child before execve), intermediate, init, or hook (a child of init before execve). */
  readonly role: string;
  /** How many system calls of this role there have been, with this one. */
  readonly at: number;
  readonly call: string;
  /** Its first argument, and those that are text. */
  readonly details: string;
}

/** What happens there: an errno's name, or a signal's. */
export type Effect = string;

const callNames = new Map([...callNumbers].map(([name, number]) => [String(number), name]));

function readPlaces(file: string): Place[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [role = '', at, number = '', ...details] = line.split(' ');
    return { role, at: Number(at), call: callNames.get(number) ?? number, details: details.join(' ') };
  });
}

export const placeName = ({ role, at, call, details }: Place): string => `${role} ${at}: ${call}(${details})`;

/** Calls that cannot fail, or whose failure the kernel never reports to anybody. */
const infallible =
  /^(exit|exit_group|rt_sigreturn|set_tid_address|arch_prctl|get(e?[ug]id|p?pid|tid)|umask|sched_yield|rt_sig(action|procmask))$/;

export const canFail = ({ call }: Place): boolean => !infallible.test(call);

/** Every system call of a command, of each role in its order. */
export async function callsOf(box: Box, args: readonly string[], options: CallOptions): Promise<{ result: Result; calls: Place[] }> {
  const file = join(box.directory, 'calls');
  const through = [box.suite.probe, 'inject', file, '--', ...(options.through ?? [])];
  const result = await box.runtime(args, { ...options, through });
  return { result, calls: readPlaces(file) };
}

/**
 * What a command calls when nothing goes wrong. Of a long row of equal calls, such as those for every signal, the ends and the middle stand for all.
 * Only of the executable the runtime itself: how often an engine with threads calls the kernel is another number every time.
 */
export async function placesOf(box: Box, args: readonly string[], options: CallOptions): Promise<{ result: Result; places: Place[] }> {
  const { result, calls } = await callsOf(box, args, options);
  const roles = isStatic(findRuntime().command) ? /./ : /^(starting|intermediate|init|hook)$/;
  const places = calls.filter((place) => roles.test(place.role) && canFail(place));
  return { result, places: thinned(places) };
}

function thinned(places: readonly Place[]): Place[] {
  const kept: Place[] = [];
  for (const role of new Set(places.map((place) => place.role))) {
    const own = places.filter((place) => place.role === role);
    for (let start = 0; start < own.length; ) {
      let end = start;
      while (end < own.length && own[end]?.call === own[start]?.call) end++;
      const row = own.slice(start, end);
      const middle = Math.floor(row.length / 2);
      kept.push(...(row.length < 8 ? row : row.filter((_, index) => [0, middle, row.length - 1].includes(index))));
      start = end;
    }
  }
  return kept;
}

/** Calls the runtime with one fault. `hit` is where it happened, undefined when it never came that far. */
export async function injected(
  box: Box,
  args: readonly string[],
  { role, at }: Place,
  effect: Effect,
  options: CallOptions,
): Promise<{ result: Result; hit: Place | undefined }> {
  const file = join(box.directory, 'hit');
  rmSync(file, { force: true });
  const { errno, signals } = constants;
  const what = effect in signals ? `signal=${signals[effect as NodeJS.Signals]}` : `error=${errno[effect as keyof typeof errno]}`;
  const through = [box.suite.probe, 'inject', file, role, String(at), what, '--', ...(options.through ?? [])];
  const result = await box.runtime(args, { ...options, through });
  return { result, hit: readPlaces(file)[0] };
}
