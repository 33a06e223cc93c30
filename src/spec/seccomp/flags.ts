import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import type { LinuxSeccomp, LinuxSeccompFlag } from '../types.ts';
import { unvalidated } from '../unvalidated.ts';

/** What a profile says without effect on this machine. */
export interface IgnoredWord {
  readonly code: 'SECCOMP_UNKNOWN_SYSCALL';
  readonly message: string;
  /** JSON pointer. */
  readonly pointer: string;
}

/** TSYNC says nothing in init, which has one thread, and refuses a listener: it is not passed. */
const flagBits: Readonly<Record<LinuxSeccompFlag, bigint>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 0n,
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

/** Every flag a profile may name. */
export const knownFlags = Object.keys(flagBits) as LinuxSeccompFlag[];

/** Without `flags` a profile gets SPEC_ALLOW, as runc has it; an empty list means none (ENG-020). */
const defaultFlags: readonly LinuxSeccompFlag[] = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'];

/** The flags for seccomp(2). */
export function filterFlags(flags: LinuxSeccomp['flags'], listener: boolean): bigint {
  let result = listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0n;
  for (const name of flags ?? defaultFlags) {
    const bit = lookup(flagBits, name);
    if (bit === undefined) throw unvalidated(`seccomp has no flag ${name}`);
    if (bit === SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV && !listener) throw unvalidated(`${name} without SCMP_ACT_NOTIFY`);
    result |= bit;
  }
  return result;
}
