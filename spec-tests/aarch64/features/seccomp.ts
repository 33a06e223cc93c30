// Filters for this processor: as they are compiled (which seccomp-oracle compares with libseccomp's), as the executable compiles them, and as the
// kernel obeys them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpret } from '../../../src/spec/seccomp/interpreter.ts';
import { compileSeccomp } from '../../../src/spec/seccomp/seccomp.ts';
import { forEachSyscall } from '../../../src/spec/seccomp/syscalls/syscalls.ts';
import type { LinuxSeccomp } from '../../../src/spec/types.ts';
import type { Config, Seccomp } from '../../harness/config.ts';
import { projectRoot } from '../../harness/suite.ts';
import { type Feature, shell } from '../feature.ts';

const AARCH64 = 0xc00000b7;
const ERRNO = 0x0005;

const docker = {
  ...(JSON.parse(readFileSync(join(projectRoot, 'spec-tests/seccomp-oracle/fixtures/docker.json'), 'utf8')) as LinuxSeccomp),
  architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
} as LinuxSeccomp;

const { program } = compileSeccomp(docker, 'aarch64');

const numbers = new Map<string, number>();
forEachSyscall('aarch64', (name, number) => numbers.set(name, number));

/** The number of a call, and what the filter answers when all its arguments are 0, if it does not let it pass. */
const refused: readonly (readonly [number: number, errno: number])[] = [...numbers.values(), 5000].flatMap((number) => {
  const { action } = interpret(program, { number, audit: AARCH64, args: [] });
  return action >>> 16 === ERRNO ? [[number, action & 0xffff] as const] : [];
});

const filtered =
  (seccomp: LinuxSeccomp) =>
  (config: Config): void => {
    config.linux.seccomp = seccomp as Seccomp;
  };

const numberOf = (name: string): number => numbers.get(name) ?? -1;

const mkdir = numberOf('mkdirat');
const ENOTEMPTY = 39;

/** The seccomp-agent of the tests: it answers mkdirat. */
const agent = `/srv/agent socket ${mkdir} ${ENOTEMPTY} >told & agent=$!
await grep -q ready told`;

const asking = (names: readonly string[]) => (config: Config) => {
  config.process.args = ['probe', 'syscall', String(mkdir), '-100', '=/tmp/x', '0'];
  filtered({
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: 'LISTENER',
    syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
  } as LinuxSeccomp)(config);
};

export const seccomp: readonly Feature[] = [
  {
    title: 'LNX-146 the executable compiles Docker’s profile as Node does, which libseccomp agrees with',
    change: filtered(docker),
    script: `runts plan --format json . | sed -n 's/.*"program": *"\\([^"]*\\)".*/\\1/p' | tail -n 1 | base64 -d | sha256sum | cut -d ' ' -f 1`,
    prints: createHash('sha256').update(program).digest('hex'),
  },
  {
    title: `LNX-146 the kernel refuses the ${refused.length} calls that Docker’s profile refuses, and by its errno`,
    change: shell(
      `for number in ${refused.map(([number]) => number).join(' ')}; do echo $number $(probe syscall $number); done`,
      filtered(docker),
    ),
    script: 'run',
    prints: refused.map((pair) => pair.join(' ')).join('\n'),
  },
  {
    title: 'LNX-146 and lets programs run, also from the filter that was kept',
    change: shell('ls / >/dev/null; mkdir /tmp/x && rmdir /tmp/x; grep Seccomp: /proc/self/status | tr "\\t" " "', filtered(docker)),
    script: 'run; run',
    prints: 'Seccomp: 2\nSeccomp: 2',
  },
  {
    title: 'LNX-154 a call that kills',
    change: (config) => {
      config.process.args = ['probe', 'syscall', String(numberOf('uname')), '0'];
      filtered({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['uname'], action: 'SCMP_ACT_KILL_PROCESS' }] } as LinuxSeccomp)(
        config,
      );
    },
    script: 'run; echo $?',
    prints: /159$/,
  },
  {
    title: 'LNX-163 LNX-164 LNX-166 arguments are compared',
    change: shell(
      `probe syscall ${numberOf('personality')} 4294967295; probe syscall ${numberOf('personality')} 8`,
      filtered({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ERRNO', errnoRet: 77, args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }] }],
      } as LinuxSeccomp),
    ),
    script: 'run',
    prints: '0\n77',
  },
  ...[['mkdirat'], [...numbers.keys()]].map(
    (names): Feature => ({
      title: `LNX-161 an agent answers, asked about ${names.length === 1 ? 'one call' : 'every call'}`,
      change: asking(names),
      script: `sed -i "s,LISTENER,$PWD/socket," config.json; ${agent}; run; kill $agent; grep -c "^call ${mkdir} " told; grep -c '^state 1 1 ' told`,
      prints: `${ENOTEMPTY}\n1\n1`,
    }),
  ),
];
