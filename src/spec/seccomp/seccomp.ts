import { RuntimeError } from '../../errors.ts';
import { __X32_SYSCALL_BIT, BPF_MAXINSNS, SECCOMP_DATA_ARCH, SECCOMP_DATA_NR } from '../../kernel.gen.ts';
import type { LinuxSeccomp } from '../types.ts';
import { killThread } from './actions.ts';
import { type Architecture, servedArchitectures } from './architectures.ts';
import { Assembler, codes, type Target } from './assembler.ts';
import { type Layout, writeTests } from './comparisons.ts';
import { filterFlags, type IgnoredWord } from './flags.ts';
import { letsFork } from './fork.ts';
import type { Outcome } from './outcome.ts';
import { outcomeRanges } from './outcomes.ts';
import { type Profile, pointerOfName, resolveProfile } from './rules.ts';
import { isSyscallName } from './syscalls/syscalls.ts';

export interface SeccompFilter {
  /** Array of struct sock_filter in the machine's byte order. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* for seccomp(2); with a listener NEW_LISTENER is among them. */
  readonly flags: bigint;
  /** Whether seccomp(2) returns a descriptor for the agent at `listenerPath`. */
  readonly listener: boolean;
  /** Whether a process that it confines can make another one that becomes the program of exec. */
  readonly forks: boolean;
  readonly warnings: readonly IgnoredWord[];
}

interface Section {
  readonly first: number;
  readonly outcome: Outcome;
  readonly layout: Layout;
}

/**
 * Ranges of all architectures that share an AUDIT_ARCH value. x86_64 and x32 do, with the numbers of x32 after those of x86_64:
 * where the profile serves one of the two, calls of the other are those of a foreign architecture. -1 is no call of x32 but what a
 * tracer leaves of one it skips.
 */
function sectionsByAudit(profile: Profile, served: readonly Architecture[], names: Set<string>): Map<number, Section[]> {
  const sections = new Map<number, Section[]>();
  for (const architecture of served) {
    const layout: Layout = architecture;
    const ranges: Section[] = outcomeRanges(profile, architecture, names).map((range) => ({ ...range, layout }));
    const before = sections.get(architecture.audit) ?? [];
    sections.set(architecture.audit, architecture.base > 0 ? [...before, ...ranges] : [...ranges, ...before]);
  }
  for (const list of sections.values()) {
    const [lowest] = list;
    if (lowest && lowest.first > 0) list.unshift({ ...lowest, first: 0, outcome: killThread });
  }
  const x86 = served.find(({ name }) => name === 'SCMP_ARCH_X86_64');
  if (x86 && !served.some(({ name }) => name === 'SCMP_ARCH_X32')) {
    const skipped = { first: 0xffffffff, outcome: profile.defaultAction, layout: x86 };
    sections.get(x86.audit)?.push({ first: __X32_SYSCALL_BIT, outcome: killThread, layout: x86 }, skipped);
  }
  return sections;
}

/** A binary search over the system call's number, for the accumulator that holds it. */
function writeSearch(out: Assembler, sections: readonly Section[], from: number, to: number, tests: (section: Section) => Target): Target {
  const section = sections[from];
  if (!section) return { action: killThread };
  if (to - from === 1) return typeof section.outcome === 'number' ? { action: section.outcome } : tests(section);
  const middle = (from + to) >>> 1;
  const above = writeSearch(out, sections, middle, to, tests);
  const below = writeSearch(out, sections, from, middle, tests);
  return out.jump(codes.jumpGreaterEqual, sections[middle]?.first ?? 0, above, below);
}

function writeArchitecture(out: Assembler, sections: readonly Section[]): Target {
  const written = new Map<Outcome, Target>();
  for (const { outcome, layout } of sections) {
    if (typeof outcome !== 'number' && !written.has(outcome)) written.set(outcome, writeTests(out, outcome, layout));
  }
  const root = writeSearch(out, sections, 0, sections.length, ({ outcome }) => written.get(outcome) ?? { action: killThread });
  if ('action' in root) return root;
  out.follow(root);
  return out.step(codes.loadWord, SECCOMP_DATA_NR);
}

function writeProgram(sections: ReadonlyMap<number, readonly Section[]>): Assembler {
  const out = new Assembler();
  const starts = [...sections].map(([audit, list]) => ({ audit, start: writeArchitecture(out, list) }));
  // A program of an architecture that the profile does not serve could reach any system call by other numbers.
  let next: Target = { action: killThread };
  for (const { audit, start } of starts.toReversed()) next = out.jump(codes.jumpEqual, audit, start, next);
  out.step(codes.loadWord, SECCOMP_DATA_ARCH);
  return out;
}

function unknownNames(seccomp: LinuxSeccomp, { rules }: Profile, served: ReadonlySet<string>): IgnoredWord[] {
  if (served.size === rules.size) return [];
  const unknown = [...rules.keys()].filter((name) => !served.has(name) && !isSyscallName(name));
  return unknown.map((name) => ({
    code: 'SECCOMP_UNKNOWN_SYSCALL',
    message: `unknown seccomp syscall "${name}" ignored`,
    pointer: pointerOfName(seccomp, name),
  }));
}

/**
 * Compiles a profile to the program that seccomp(2) loads: what runc loads for it by way of libseccomp.
 *
 * - The machine's own architecture is always served; a call of an architecture that is not kills the thread.
 * - Of several rules for a call, one without `args` decides alone; see `inOrder` for the others. Names no architecture
 *   knows are ignored with a warning, those only another architecture knows silently.
 * - Calls newer than the profile get ENOSYS, see `outcomeRanges`; for socketcall(2) and ipc(2) see `multiplexedAction`.
 *
 * @param machine what `uname -m` says
 * @throws RuntimeError SECCOMP_TOO_LARGE, SECCOMP_CONFLICT, SECCOMP_UNSUPPORTED_MACHINE
 */
export function compileSeccomp(seccomp: LinuxSeccomp, machine: string): SeccompFilter {
  const served = servedArchitectures(seccomp.architectures ?? [], machine);
  const profile = resolveProfile(seccomp);
  const names = new Set<string>();
  const out = writeProgram(sectionsByAudit(profile, served, names));
  if (out.length > BPF_MAXINSNS) {
    const message = `seccomp profile needs ${out.length} instructions, the kernel takes ${BPF_MAXINSNS}`;
    throw new RuntimeError('SECCOMP_TOO_LARGE', message, { pointer: '/linux/seccomp' });
  }
  const native = served[0] as Architecture;
  const program = out.program(native.bigEndian);
  return {
    program,
    flags: filterFlags(seccomp.flags, profile.listener),
    listener: profile.listener,
    forks: letsFork(program, native),
    warnings: unknownNames(seccomp, profile, names),
  };
}

/**
 * What the compiler refuses of a profile, on the machine that the executable is for.
 * @returns undefined when it compiles
 */
export function seccompFault(seccomp: LinuxSeccomp): RuntimeError | undefined {
  try {
    compileSeccomp(seccomp, 'x86_64');
    return undefined;
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
}
