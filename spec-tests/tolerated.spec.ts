import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

/** A configuration that the specification forbids and that runs all the same. */
interface Tolerated {
  readonly title: string;
  /** Pointers and what is put there. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Where the warning points to; absent: to the only change. */
  readonly pointer?: string;
  readonly args?: readonly string[];
  /** What the program prints; absent: only that it has run. */
  readonly output?: string | RegExp;
}

const filter = (members: object) => ({ defaultAction: 'SCMP_ACT_ALLOW', ...members });
const rule = (members: object) => ({ names: ['mkdirat', 'mkdir'], action: 'SCMP_ACT_ERRNO', ...members });
const makes = ['sh', '-c', 'mkdir /tmp/made 2>/dev/null && echo made || echo refused'];
const device = ['sh', '-c', "stat -c '%F %t:%T %a' /dev/made"];
const writes = ['sh', '-c', 'echo x 2>/dev/null >/data/file && echo written || echo refused'];

const tolerated: readonly Tolerated[] = [
  { title: 'CFG-001 a version of two numbers', changes: { '/ociVersion': '1.0' } },
  { title: 'CFG-001 an empty version', changes: { '/ociVersion': '' } },
  { title: 'CFG-001 a version that is no number', changes: { '/ociVersion': 'draft' } },
  { title: 'CFG-001 no version', changes: { '/ociVersion': undefined } },
  {
    title: 'CFG-026 half a size of the terminal',
    changes: { '/process/consoleSize': { height: 1 } },
    pointer: '/process/consoleSize/width',
  },
  {
    title: 'CFG-030 null among the arguments',
    changes: { '/process/args': ['printf', '<%s>', null] },
    pointer: '/process/args/2',
    output: '<>',
  },
  {
    title: 'CFG-034 a limit without soft',
    changes: { '/process/rlimits': [{ type: 'RLIMIT_CORE', hard: 1024 }] },
    pointer: '/process/rlimits/0/soft',
    args: ['sh', '-c', 'ulimit -Sc; ulimit -Hc'],
    output: '0\n2\n',
  },
  {
    title: 'CFG-037 a limit twice, the last of which counts',
    changes: {
      '/process/rlimits': [
        { type: 'RLIMIT_CORE', soft: 5120, hard: 5120 },
        { type: 'RLIMIT_CORE', soft: 512, hard: 1024 },
      ],
    },
    pointer: '/process/rlimits/1',
    args: ['sh', '-c', 'ulimit -Sc; ulimit -Hc'],
    output: '1\n2\n',
  },
  {
    title: 'CFG-059 an I/O priority without priority',
    changes: { '/process/ioPriority': { class: 'IOPRIO_CLASS_BE' } },
    pointer: '/process/ioPriority/priority',
  },
  {
    title: 'CFG-067 a umask beyond the permission bits',
    changes: { '/process/user/umask': 0o1027 },
    args: ['sh', '-c', 'umask'],
    output: '0027\n',
  },
  {
    title: 'CFG-070 a NUL in the host name, which ends there',
    changes: { '/hostname': 'front\0back' },
    args: ['hostname'],
    output: 'front\n',
  },
  {
    title: 'CFG-075 a poststop hook that cannot be executed',
    changes: { '/hooks': { poststop: [{ path: 'no/such/program' }] } },
    pointer: '/hooks/poststop/0/path',
  },
  {
    title: 'CFG-077 a hook with a variable without =',
    changes: { '/hooks': { prestart: [{ path: '/bin/true', env: ['LONELY'] }] } },
    pointer: '/hooks/prestart/0/env/0',
  },
  {
    title: 'CFG-078 a poststop hook without time',
    changes: { '/hooks': { poststop: [{ path: '/bin/true', timeout: 0 }] } },
    pointer: '/hooks/poststop/0/timeout',
  },
  { title: 'CFG-089 an annotation without a name', changes: { '/annotations': { '': 'a' } }, pointer: '/annotations/' },
  { title: 'CFG-090 a NUL in an annotation', changes: { '/annotations': { a: 'b\0c' } }, pointer: '/annotations/a' },
  {
    title: 'LNX-031 a device whose path is relative',
    changes: { '/linux/devices': [{ type: 'c', path: 'dev/made', major: 1, minor: 3, fileMode: 0o640 }] },
    pointer: '/linux/devices/0/path',
    args: device,
    output: 'character special file 1:3 640\n',
  },
  {
    title: 'LNX-033 a device without minor',
    changes: { '/linux/devices': [{ type: 'c', path: '/dev/made', major: 1, fileMode: 0o640 }] },
    pointer: '/linux/devices/0/minor',
    args: device,
    output: 'character special file 1:0 640\n',
  },
  {
    title: 'LNX-033 a device without numbers',
    changes: { '/linux/devices': [{ type: 'c', path: '/dev/made', fileMode: 0o640 }] },
    pointer: '/linux/devices/0/major',
    args: device,
    output: 'character special file 0:0 640\n',
  },
  {
    title: 'LNX-034 a fileMode with the sticky bit',
    changes: { '/linux/devices': [{ type: 'c', path: '/dev/made', major: 1, minor: 3, fileMode: 0o5640 }] },
    pointer: '/linux/devices/0/fileMode',
    args: device,
    output: 'character special file 1:3 1640\n',
  },
  {
    title: 'LNX-076 a device rule that does not say whether it allows denies',
    changes: {
      '/linux/resources/devices': [
        { allow: true, access: 'rwm' },
        { type: 'c', major: 1, minor: 3, access: 'w' },
      ],
    },
    pointer: '/linux/resources/devices/1/allow',
  },
  {
    title: 'LNX-079 letters without meaning in the access of a device rule',
    changes: { '/linux/resources/devices': [{ allow: true, type: 'c', major: 1, minor: 7, access: 'rxW' }] },
    pointer: '/linux/resources/devices/0/access',
  },
  {
    title: 'LNX-079 no letter with a meaning in the access of a device rule',
    changes: { '/linux/resources/devices': [{ allow: true, type: 'c', major: 1, minor: 7, access: 'x' }] },
    pointer: '/linux/resources/devices/0/access',
  },
  {
    title: 'LNX-079 no letter with a meaning in a rule for every device',
    changes: { '/linux/resources/devices': [{ allow: true, access: 'x' }] },
    pointer: '/linux/resources/devices/0/access',
  },
  {
    title: 'LNX-103 weights of a device without a weight',
    changes: { '/linux/resources/blockIO': { weightDevice: [{ major: 7, minor: 0 }] } },
    pointer: '/linux/resources/blockIO/weightDevice/0',
  },
  {
    title: 'LNX-104 a throttle without rate and minor',
    changes: { '/linux/resources/blockIO': { throttleReadBpsDevice: [{ major: 7 }] } },
    pointer: '/linux/resources/blockIO/throttleReadBpsDevice/0/rate',
  },
  {
    title: 'LNX-145 a parameter twice, the last of which counts',
    changes: { '/linux/sysctl': { 'net.ipv4.ip_forward': '1', 'net/ipv4/ip_forward': '0' } },
    pointer: '/linux/sysctl/net~1ipv4~1ip_forward',
    args: ['cat', '/proc/sys/net/ipv4/ip_forward'],
    output: '0\n',
  },
  {
    title: 'LNX-145 a parameter with the end of its line',
    changes: { '/linux/sysctl': { 'net.ipv4.ip_forward': '1\n' } },
    pointer: '/linux/sysctl/net.ipv4.ip_forward',
    args: ['cat', '/proc/sys/net/ipv4/ip_forward'],
    output: '1\n',
  },
  {
    title: 'LNX-146 an empty filter, which is none',
    changes: { '/linux/seccomp': {} },
    pointer: '/linux/seccomp/defaultAction',
    args: makes,
    output: 'made\n',
  },
  {
    title: 'LNX-148 an errno for a default action that has none',
    changes: { '/linux/seccomp': filter({ defaultErrnoRet: 1, syscalls: [rule({})] }) },
    pointer: '/linux/seccomp/defaultErrnoRet',
    args: makes,
    output: 'refused\n',
  },
  {
    title: 'LNX-151 a rule of the filter with no names',
    changes: { '/linux/seccomp': filter({ syscalls: [rule({ names: [] }), rule({})] }) },
    pointer: '/linux/seccomp/syscalls/0/names',
    args: makes,
    output: 'refused\n',
  },
  {
    title: 'LNX-151 a rule of the filter without names',
    changes: { '/linux/seccomp': filter({ syscalls: [{ action: 'SCMP_ACT_KILL' }, rule({})] }) },
    pointer: '/linux/seccomp/syscalls/0/names',
    args: makes,
    output: 'refused\n',
  },
  {
    title: 'LNX-162 an errno for an action that has none',
    changes: { '/linux/seccomp': filter({ syscalls: [rule({ action: 'SCMP_ACT_LOG', errnoRet: 1 })] }) },
    pointer: '/linux/seccomp/syscalls/0/errnoRet',
    args: makes,
    output: 'made\n',
  },
  {
    title: 'LNX-163 LNX-164 a condition of the filter without index and value',
    changes: { '/linux/seccomp': filter({ syscalls: [rule({ args: [{ op: 'SCMP_CMP_GE' }] })] }) },
    pointer: '/linux/seccomp/syscalls/0/args/0/index',
    args: makes,
    output: 'refused\n',
  },
  {
    title: 'LNX-169 metadata for no listener',
    changes: { '/linux/seccomp': filter({ listenerMetadata: 'a' }) },
    pointer: '/linux/seccomp/listenerMetadata',
  },
  {
    title: 'LNX-181 a relative masked path',
    changes: { '/linux/maskedPaths': ['etc/passwd'] },
    pointer: '/linux/maskedPaths/0',
    args: ['sh', '-c', 'wc -c </etc/passwd'],
    output: '0\n',
  },
  {
    title: 'LNX-182 a relative read-only path',
    changes: { '/linux/readonlyPaths': ['data'] },
    pointer: '/linux/readonlyPaths/0',
    args: writes,
    output: 'refused\n',
  },
  {
    title: 'LNX-182 an empty read-only path protects nothing',
    changes: { '/linux/readonlyPaths': [''] },
    pointer: '/linux/readonlyPaths/0',
    args: writes,
    output: 'written\n',
  },
  {
    title: 'LNX-185 a flag of the personality',
    changes: { '/linux/personality': { domain: 'LINUX', flags: ['ODD'] } },
    pointer: '/linux/personality/flags/0',
  },
];

function change(config: Config, { changes, args = ['echo', 'ran'] }: Tolerated): void {
  config.process.args = [...args];
  for (const [pointer, value] of Object.entries(changes)) set(config, pointer, value);
}

describe('what both runtimes run although the specification forbids it', () => {
  for (const one of tolerated) {
    clause(`${one.title} runs, with a warning`, async (box) => {
      const bundle = box.bundle((config) => change(config, one));
      const result = (await box.run(bundle)).ok();
      expect(result.stdout).toBe(one.output ?? 'ran\n');
      if (box.kind === 'runts') await isTold(box, bundle.directory, result.stderr, one.pointer ?? Object.keys(one.changes)[0] ?? '');
    });
  }
});

async function isTold(box: Box, directory: string, stderr: string, pointer: string): Promise<void> {
  expect(stderr).toContain(`level=warning`);
  expect(stderr).toContain(`(at ${pointer}`);
  const { status, stdout } = await box.runtime(['validate', '--format', 'json', directory]);
  expect({ status, found: JSON.parse(stdout) }).toMatchObject({
    status: 1,
    found: expect.arrayContaining([expect.objectContaining({ severity: 'error', pointer })]),
  });
}
