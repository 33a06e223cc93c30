import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseMountOptions } from '../spec/mounts/options.ts';
import type { Linux, Spec } from '../spec/types.ts';
import { validateSpec } from '../spec/validate.ts';
import { plan } from './build.ts';
import { configFileOption } from './criu/config-file.ts';
import { features } from './features.ts';
import type { Step } from './plan.ts';
import { capabilityNames } from './process/capabilities.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from './testing.ts';

interface Definition {
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly items?: Definition;
}

function definitions(file: string): Readonly<Record<string, Definition>> {
  const text = readFileSync(new URL(`../spec/schema/${file}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { definitions: Record<string, Definition> }).definitions;
}

function names(values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? ['missing'])].sort();
}

const { linux, ...rest } = features();

test('seccomp lists hold what the schema knows', () => {
  const schema = definitions('seccomp');
  expect(linux.seccomp.actions).toEqual(names(schema['LinuxSeccompAction']?.enum));
  expect(linux.seccomp.operators).toEqual(names(schema['LinuxSeccompOperator']?.enum));
  expect(linux.seccomp.archs).toEqual(names(schema['Arch']?.enum));
  expect(linux.seccomp.knownFlags).toEqual(names(schema['LinuxSeccompFlag']?.enum));
});

test('memory policy lists hold what the schema knows', () => {
  const text = readFileSync(new URL('../spec/schema/linux.json', import.meta.url), 'utf8');
  for (const name of [...linux.memoryPolicy.modes, ...linux.memoryPolicy.flags]) expect(text).toContain(`"${name}"`);
  const known = new Set(text.match(/"MPOL_[A-Z_]+"/g));
  expect(linux.memoryPolicy.modes.length + linux.memoryPolicy.flags.length).toBe(known.size);
});

test('options of filesystems are no mount options', () => {
  expect(rest.mountOptions).toEqual(expect.arrayContaining(['rro', 'ridmap', 'tmpcopyup', 'rnodev']));
  for (const option of ['size', 'mode', 'gid', 'lowerdir']) expect(rest.mountOptions).not.toContain(option);
});

test('capabilities: 41, once each', () => {
  expect(new Set(linux.capabilities).size).toBe(41);
});

test('FEAT-004 nothing is null', () => {
  expect(JSON.stringify(features())).not.toContain('null');
});

/** Pointers of what validation has against a spec, and codes of what the planner warns of. */
function objections(spec: unknown): readonly string[] {
  const { problems, warnings } = validateSpec(spec);
  if (problems.length > 0) return problems.map(({ pointer }) => pointer);
  const planned = plan(spec as Spec, planOptions, { ...unifiedHost, kernel: [6, 18], resctrl: '/sys/fs/resctrl' });
  return [...warnings, ...planned.warnings].map(({ code }) => code);
}

const withLinux = (linux: unknown): unknown => ({ ...smallSpec, linux: { ...smallSpec.linux, ...(linux as Linux) } });
const steps = (spec: unknown, host = unifiedHost): readonly Step[] =>
  plan(spec as Spec, planOptions, { ...host, resctrl: '/sys/fs/resctrl' }).steps;
const ids = [{ containerID: 0, hostID: 1000, size: 1 }];

describe('what the document lists is what config.json may say', () => {
  test('FEAT-005 FEAT-006 both versions are accepted, the next major one is not', () => {
    for (const ociVersion of [rest.ociVersionMin, rest.ociVersionMax]) expect(objections({ ...smallSpec, ociVersion })).toEqual([]);
    expect(objections({ ...smallSpec, ociVersion: '2.0.0' })).toEqual(['/ociVersion']);
  });

  test('FEAT-008 hooks', () => {
    for (const kind of rest.hooks) expect(objections({ ...smallSpec, hooks: { [kind]: [{ path: '/bin/true' }] } }), kind).toEqual([]);
    expect(objections({ ...smallSpec, hooks: { preflight: [{ path: '/bin/true' }] } })).toEqual(['UNKNOWN_PROPERTY']);
    expect([...rest.hooks].sort()).toEqual(names(Object.keys(definitions('config')['Hooks']?.properties ?? {})));
  });

  test('FEAT-009 FEAT-010 mount options are those that no filesystem gets to see', () => {
    for (const option of rest.mountOptions) expect(parseMountOptions([option]).filesystem, option).toEqual([]);
    for (const option of ['size=1', 'acl', 'rbin', 'xnodev', 'rrro']) expect(parseMountOptions([option]).filesystem).toEqual([option]);
    expect(new Set(rest.mountOptions).size).toBe(rest.mountOptions.length);
  });

  test('FEAT-014 namespaces', () => {
    const needs: Record<string, unknown> = { user: { uidMappings: ids, gidMappings: ids } };
    for (const type of linux.namespaces) {
      const namespaces = [...new Set(['mount', 'pid', type])].map((name) => ({ type: name }));
      expect(objections(withLinux({ namespaces, ...(needs[type] as object) })), type).toEqual([]);
    }
    expect(linux.namespaces).toEqual(names(definitions('linux')['LinuxNamespaceType']?.enum));
  });

  test('FEAT-015 capabilities, without a warning', () => {
    const spec = (bounding: readonly string[]) => ({ ...smallSpec, process: { ...smallSpec.process, capabilities: { bounding } } });
    expect(objections(spec(linux.capabilities))).toEqual([]);
    expect(objections(spec(['CAP_NO_SUCH'])).length).toBe(1);
    expect(linux.capabilities).toEqual(capabilityNames);
  });

  test('FEAT-022 FEAT-023 FEAT-024 FEAT-025 seccomp', () => {
    const objectionsTo = (seccomp: unknown): readonly string[] => objections(withLinux({ seccomp }));
    const defaultAction = 'SCMP_ACT_ALLOW';
    const { actions, operators, archs, knownFlags, supportedFlags } = linux.seccomp;
    for (const action of actions) {
      const listenerPath = action === 'SCMP_ACT_NOTIFY' ? { listenerPath: '/run/agent.sock' } : {};
      expect(objectionsTo({ defaultAction, ...listenerPath, syscalls: [{ names: ['mkdir'], action }] }), action).toEqual([]);
    }
    for (const op of operators) {
      const args = [{ index: 0, value: 1, valueTwo: 1, op }];
      expect(objectionsTo({ defaultAction, syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args }] }), op).toEqual([]);
    }
    for (const architecture of archs) expect(objectionsTo({ defaultAction, architectures: [architecture] }), architecture).toEqual([]);
    expect(knownFlags).toEqual(expect.arrayContaining(supportedFlags));
    const notify = { listenerPath: '/run/agent.sock', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] };
    for (const flag of supportedFlags) expect(objectionsTo({ defaultAction, flags: [flag], ...notify }), flag).toEqual([]);
  });

  test('FEAT-029 FEAT-030 memory policies', () => {
    for (const mode of linux.memoryPolicy.modes) {
      const nodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode) ? {} : { nodes: '0' };
      expect(objections(withLinux({ memoryPolicy: { mode, ...nodes } })), mode).toEqual([]);
    }
    for (const flag of linux.memoryPolicy.flags) {
      expect(objections(withLinux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: [flag] } })), flag).toEqual([]);
    }
  });

  test.each([
    ['FEAT-034 mountExtensions.idmap', linux.mountExtensions.idmap.enabled, 'userNamespace.make', idmapped()],
    [
      'FEAT-035 netDevices',
      linux.netDevices.enabled,
      'netDevice.move',
      { linux: { namespaces: [{ type: 'network' }], netDevices: { eth0: {} } } },
    ],
    ['FEAT-031 intelRdt', linux.intelRdt.enabled, 'resctrl.join', { linux: { intelRdt: {} } }],
    ['FEAT-032 intelRdt.schemata', linux.intelRdt.schemata, 'resctrl.schemata', { linux: { intelRdt: { schemata: ['MB:0=10'] } } }],
    ['FEAT-021 seccomp', linux.seccomp.enabled, 'seccomp.load', { linux: { seccomp: { defaultAction: 'SCMP_ACT_LOG' } } }],
  ])('%s says whether there are steps for it', (_, enabled, op, part) => {
    const planned = steps({ ...smallSpec, ...part, linux: { ...smallSpec.linux, ...(part as { linux?: Linux }).linux } });
    expect(planned.some(({ action }) => action.op === op)).toBe(enabled);
  });

  test('FEAT-033 intelRdt.monitoring', () => {
    const made = steps(withLinux({ intelRdt: { closID: '/', enableMonitoring: true } })).filter(
      ({ action }) => action.op === 'resctrl.create',
    );
    expect(made.length > 0).toBe(linux.intelRdt.monitoring);
  });

  test('FEAT-016 FEAT-017 both versions of cgroups have steps', () => {
    const limit = withLinux({ resources: { pids: { limit: 7 } } });
    const written = (host: typeof unifiedHost) =>
      steps(limit, host).some(({ action }) => action.op === 'cgroup.write' && action.value === '7');
    expect([written(hybridHost), written(unifiedHost)]).toEqual([linux.cgroup.v1, linux.cgroup.v2]);
  });

  test('FEAT-013 the annotations listed as unsafe, and no others, change the plan, or what CRIU reads', () => {
    const planned = (annotations: Readonly<Record<string, string>>) => {
      const spec = { ...smallSpec, annotations, linux: { ...smallSpec.linux, cgroupsPath: 'system.slice:runts:box' } };
      const { steps } = plan(spec, { ...planOptions, systemdCgroup: true }, unifiedHost);
      return { steps, criu: configFileOption(annotations, ['org.criu.config']) };
    };
    const plain = planned({});
    for (const name of rest.potentiallyUnsafeConfigAnnotations) {
      expect(planned({ [name.endsWith('.') ? `${name}CPUWeight` : name]: 'uint64 7' }), name).not.toEqual(plain);
    }
    const harmless = ['org.example.key', 'org.systemd.property', 'run.oci.handler', 'org.criu.other', ...Object.keys(rest.annotations)];
    for (const name of harmless) expect(planned({ [name]: 'uint64 7' }), name).toEqual(plain);
  });

  test('FEAT-012 annotations are texts under reversed domain names', () => {
    for (const [key, value] of Object.entries(rest.annotations)) {
      expect(key).toMatch(/^[a-z]+(\.[a-z]+)+$/);
      expect(typeof value).toBe('string');
    }
  });
});

function idmapped(): Partial<Spec> {
  return { mounts: [{ destination: '/d', source: '/s', options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids }] };
}
