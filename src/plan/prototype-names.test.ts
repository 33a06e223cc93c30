import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { parseSpec, validateSpec } from '../spec/validate.ts';
import { plan } from './build.ts';
import { updatedProperties } from './cgroups/systemd/scope.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from './testing.ts';

/** Names that every object has, each with one of like shape that no object has. */
const names = [
  ['constructor', 'nonsense'],
  ['toString', 'nonSense'],
  ['hasOwnProperty', 'nonSense'],
  ['__proto__', '__nonsense__'],
] as const;

const seccomp = (members: object): object => ({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...members } });
/** As JSON.parse makes it: "__proto__" is a member like any other. */
const member = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);
const tmpfs = { destination: '/t', type: 'tmpfs', source: 't' };

/** Every place of a configuration where a name is looked up: members of `linux`, and of the configuration itself. */
const places: Readonly<Record<string, (name: string) => { readonly linux?: object; readonly process?: object; readonly top?: object }>> = {
  'a member of the configuration': (name) => ({ top: member(name, {}) }),
  'a member of linux': (name) => ({ linux: member(name, {}) }),
  'a capability': (name) => ({ process: { capabilities: { bounding: [name], ambient: [name] } } }),
  'a limit of resources': (name) => ({ process: { rlimits: [{ type: name, soft: 1, hard: 1 }] } }),
  'a scheduling policy': (name) => ({ process: { scheduler: { policy: name } } }),
  'a scheduling flag': (name) => ({ process: { scheduler: { policy: 'SCHED_OTHER', flags: [name] } } }),
  'a class of I/O priority': (name) => ({ process: { ioPriority: { class: name, priority: 1 } } }),
  'a type of namespace': (name) => ({ linux: { namespaces: [{ type: 'mount' }, { type: name }] } }),
  'a clock': (name) => ({ linux: { namespaces: [{ type: 'time' }], timeOffsets: member(name, { secs: 1 }) } }),
  'a mount option': (name) => ({ top: { mounts: [{ ...tmpfs, options: [name, `r${name}`, `no${name}`] }] } }),
  'a mount type': (name) => ({ top: { mounts: [{ ...tmpfs, type: name }] } }),
  'a propagation': (name) => ({ linux: { namespaces: [{ type: 'mount' }], rootfsPropagation: name } }),
  'a type of device': (name) => ({ linux: { devices: [{ path: '/dev/x', type: name, major: 1, minor: 3 }] } }),
  'a type of device rule': (name) => ({ linux: { resources: { devices: [{ allow: true, type: name, access: 'r' }] } } }),
  'a size of huge pages': (name) => ({ linux: { resources: { hugepageLimits: [{ pageSize: name, limit: 1 }] } } }),
  'a file of cgroup v2': (name) => ({ linux: { resources: { unified: member(name, '1') } } }),
  'a controller of cgroup v2': (name) => ({ linux: { resources: { unified: member(`${name}.max`, '1') } } }),
  'a file of a controller': (name) => ({ linux: { resources: { unified: member(`pids.${name}`, '1') } } }),
  'an rdma device': (name) => ({ linux: { resources: { rdma: member(name, { hcaHandles: 1 }) } } }),
  'a network interface': (name) => ({ linux: { resources: { network: { priorities: [{ name, priority: 1 }] } } } }),
  'a network device': (name) => ({ linux: { namespaces: [{ type: 'network' }], netDevices: member(name, {}) } }),
  'a kernel parameter': (name) => ({ linux: { sysctl: member(name, '1') } }),
  'a kernel parameter of the network': (name) => ({
    linux: { namespaces: [{ type: 'network' }], sysctl: member(`net.${name}`, '1') },
  }),
  'a personality': (name) => ({ linux: { personality: { domain: name } } }),
  'a flag of a personality': (name) => ({ linux: { personality: { domain: 'LINUX', flags: [name] } } }),
  'a memory policy': (name) => ({ linux: { memoryPolicy: { mode: name, nodes: '0' } } }),
  'a flag of a memory policy': (name) => ({ linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: [name] } } }),
  'a seccomp action': (name) => ({ linux: seccomp({ syscalls: [{ names: ['read'], action: name }] }) }),
  'a default action': (name) => ({ linux: seccomp({ defaultAction: name }) }),
  'an architecture': (name) => ({ linux: seccomp({ architectures: [name] }) }),
  'a seccomp flag': (name) => ({ linux: seccomp({ flags: [name] }) }),
  'a system call': (name) => ({ linux: seccomp({ syscalls: [{ names: [name], action: 'SCMP_ACT_ERRNO' }] }) }),
  'an operator': (name) => ({
    linux: seccomp({ syscalls: [{ names: ['read'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 0, op: name }] }] }),
  }),
  'an annotation': (name) => ({ top: { annotations: member(name, '1') } }),
  'a property of systemd': (name) => ({ top: { annotations: member(`org.systemd.property.${name}`, '1') } }),
  'a word of an annotation': (name) => ({ top: { annotations: member('org.systemd.property.TimeoutStopUSec', `${name} 1`) } }),
  'a kind of hook': (name) => ({ top: { hooks: member(name, [{ path: '/bin/true' }]) } }),
};

function config(parts: { readonly linux?: object; readonly process?: object; readonly top?: object }): string {
  const linux = { namespaces: [{ type: 'mount' }, { type: 'pid' }], ...parts.linux };
  return JSON.stringify({ ...smallSpec, linux, process: { ...smallSpec.process, ...parts.process }, ...parts.top });
}

const portable = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** What comes out, without the name that went in, and without hints: what a name is like decides about them. */
function answer(ask: () => unknown, name: string): string {
  const withoutName = (value: unknown): string =>
    JSON.stringify(value, (key, part) => (key === 'hint' ? undefined : portable(key, part))).replaceAll(name, 'NAME');
  try {
    return withoutName(ask());
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const { code, message, pointer, problems } = error;
    return withoutName({ code, message, pointer, problems });
  }
}

const hosts = {
  'cgroup v2': [unifiedHost, planOptions],
  'cgroup v2 with systemd': [unifiedHost, { ...planOptions, systemdCgroup: true }],
  'cgroup v1': [hybridHost, planOptions],
} as const;

describe.each(Object.entries(places))('%s that every object has is as unknown as any other', (_place, make) => {
  it.each(names)('%s', (name, other) => {
    const [asked, control] = [name, other].map((each) => config(make(each)).replace('"cgroupsPath":"/box",', '')) as [string, string];
    const validated = (text: string) => () => validateSpec(JSON.parse(text));
    expect(answer(validated(asked), name)).toBe(answer(validated(control), other));
    for (const [facts, options] of Object.values(hosts)) {
      const planned = (text: string) => () => {
        const warnings: unknown[] = [];
        return [
          plan(
            parseSpec(text, (warning) => warnings.push(warning)),
            options,
            facts,
          ),
          warnings,
        ];
      };
      expect(answer(planned(asked), name)).toBe(answer(planned(control), other));
    }
  });
});

it.each(names)('an update of the file %s tells systemd nothing', (name) => {
  expect(updatedProperties({ unified: member(name, '1') as Record<string, string> }, unifiedHost)).toEqual([]);
});

it.each(names)('the letters of a device access are letters, also in %s', (name) => {
  const text = config({ linux: { resources: { devices: [{ allow: true, type: 'c', major: 10, minor: 229, access: name }] } } });
  expect(validateSpec(JSON.parse(text)).problems).toMatchObject([{ code: 'BAD_FORMAT', pointer: '/linux/resources/devices/0/access' }]);
  // Rules without a letter of the three fall away, which engines run containers with.
  expect(() => plan(parseSpec(text), planOptions, hybridHost)).not.toThrow();
});
