// The kernel's numbers stand in one file, which is made from its headers: finds the ones that are written by hand elsewhere.

/** What the headers' names begin with, as far as the TypeScript speaks of them. */
const prefixes =
  'CLONE_NEW|MS_|MNT_|MOUNT_ATTR_|CAP_|MPOL_|RLIMIT_|SCHED_|SECCOMP_RET_|SECCOMP_FILTER_FLAG_|SECCOMP_MODE_|SECCOMP_SET_MODE_|SCMP_ACT_|BPF_|' +
  'AUDIT_ARCH_|IOPRIO_|PER_LINUX|EM_|PT_INTERP|TIOC|S_IF|O_[A-Z]|SIG[A-Z]|AT_[A-Z]';

/** Nothing (0) is nobody's. */
const named = new RegExp(`\\b((?:${prefixes})\\w*)['"]?(?::|(?:: \\w+)? =) (?:\\{ number: )?(?!0n?\\b)[0-9]`, 'g');

/** Numbers below are anybody's: sizes, limits of 16 bits. */
const SMALLEST = 0x1_0000n;

/** Names by number of what src/kernel.gen.ts holds. */
export function kernelNumbers(generated: string): ReadonlyMap<string, bigint> {
  const entries = [...generated.matchAll(/^(?:export const| ) (\w+)(?: =|:) (0x[0-9a-f]+)n?[;,]$/gm)];
  return new Map(entries.map(([, name = '', value = '']) => [name, BigInt(value)]));
}

/**
 * @param text of a TypeScript source
 * @returns what it writes by hand that the headers have: a name of theirs with a number, or one of their numbers
 */
export function handWritten(text: string, numbers: ReadonlyMap<string, bigint>): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const byNumber = new Map([...numbers].map(([name, value]) => [value, name]));
  const names = [...code.matchAll(named)].map(([, name = '']) => name);
  const known = [...code.matchAll(/\b(\w+)(?::|(?:: \w+)? =) (?!0n?\b)[0-9]/g)]
    .map(([, name = '']) => name)
    .filter((name) => numbers.has(name));
  const literals = [...code.matchAll(/(?<![\w'"`.-])(0x[0-9a-fA-F_]+)n?\b/g)].flatMap(([, literal = '']) => {
    const value = BigInt(literal.replaceAll('_', ''));
    const name = value < SMALLEST ? undefined : byNumber.get(value);
    return name === undefined ? [] : [`${literal} (${name})`];
  });
  return [...new Set([...names, ...known, ...literals])];
}
