import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import type { HostFacts } from '../host/facts.ts';
import type { FindingCode } from '../spec/findings.ts';
import type { Spec } from '../spec/types.ts';
import { parseSpec, validateSpec } from '../spec/validate.ts';
import { config } from './arbitrary/testing.ts';
import { plan } from './build.ts';
import type { PlanOptions } from './context.ts';
import { hybridHost, planOptions, unifiedHost } from './testing.ts';
import { encodePlan, type WireStep } from './wire/encode.ts';

/** Codes that name what a host lacks, or what its cgroups have no word for. */
const namesTheHost = ['CGROUP_UNSUPPORTED', 'CGROUP_CONTROLLER_MISSING', 'CGROUPS_UNAVAILABLE'];
/** With the systemd driver, which is a flag, a cgroupsPath has another form. */
const namesTheFlag = [...namesTheHost, 'INVALID_CGROUPS_PATH'];

/** Loaded machines need longer than the default. */
const TIMEOUT_MS = 180_000;

const powers = { apparmor: true, selinux: true, resctrl: '/sys/fs/resctrl' };
const controllers = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];
const v1 = [...controllers, 'cpuacct', 'blkio', 'net_cls', 'net_prio', 'devices', 'freezer', 'name=systemd'];
const unified: HostFacts = { ...unifiedHost, ...powers, cgroup: { ...unifiedHost.cgroup, unifiedControllers: controllers } };
const legacy: HostFacts = {
  ...hybridHost,
  ...powers,
  cgroup: {
    ...hybridHost.cgroup,
    hierarchies: Object.fromEntries(
      [...v1, ''].map((name) => [name, { mountPoint: `/sys/fs/cgroup/${name.replace('name=', '') || 'unified'}`, root: '/', own: '/' }]),
    ),
  },
};

const hosts: readonly (readonly [facts: HostFacts, options: PlanOptions, codes: readonly string[]])[] = [
  [unified, planOptions, namesTheHost],
  [legacy, planOptions, namesTheHost],
  [unified, { ...planOptions, systemdCgroup: true }, namesTheFlag],
  [legacy, { ...planOptions, systemdCgroup: true }, namesTheFlag],
  // A user without privileges may give a process no groups where the kernel was promised that they stay.
  [{ ...unified, euid: 1000 }, { ...planOptions, noCgroup: true }, [...namesTheHost, 'USER_FAILED']],
];

/** What validate says although create leaves it to the plan, since a flag or the machine brings it about; and which of the hosts do. */
const foretold: Readonly<Partial<Record<FindingCode, readonly number[]>>> = {
  CPU_LIST_INVALID: [2],
  INVALID_ANNOTATION: [2, 3],
  INVALID_CGROUPS_PATH: [0, 1],
  SECCOMP_CONFLICT: [0, 1, 2, 3, 4],
  SECCOMP_TOO_LARGE: [0, 1, 2, 3, 4],
};

const json = (value: unknown): string => {
  const big = /"#(-?\d+)#"/g;
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `#${part}#` : part)).replace(big, '$1');
};

/** Code of what the plan refuses; undefined when it accepts, and init could be sent the steps. */
function refusal(spec: Spec, [facts, options]: (typeof hosts)[number]): string | undefined {
  try {
    const { steps } = plan(spec, options, facts);
    encodePlan(
      steps.flatMap(({ stage, action }, index): WireStep[] => (stage === 'runtime' ? [] : [{ index, stage, action } as WireStep])),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    expect(error.pointer).toMatch(/^\//);
    return error.code;
  }
}

test(
  'what validate accepts, the plan for a rich host accepts too, or it refuses with a code that names the host',
  () => {
    let accepted = 0;
    fc.assert(
      fc.property(config, (input) => {
        const { spec, problems } = validateSpec(input);
        if (problems.length > 0) return;
        accepted++;
        for (const host of hosts) expect([undefined, ...host[2]]).toContain(refusal(spec, host));
      }),
      { numRuns: 3000 },
    );
    // The property says nothing of a generator whose configurations are all refused.
    expect(accepted).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);

/** What create reads of a text: the configuration that it would plan, with the pointers of its warnings; the error when it refuses it. */
function read(input: unknown): { readonly spec: Spec; readonly warned: ReadonlySet<string> } | RuntimeError {
  const warned = new Set<string>();
  try {
    return { spec: parseSpec(json(input), ({ pointer }) => warned.add(pointer)), warned };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return error;
  }
}

test(
  'what validate accepts, create reads without a refusal, and plans as validate has it planned',
  () => {
    let accepted = 0;
    fc.assert(
      fc.property(config, (input) => {
        if (validateSpec(input).problems.length > 0) return;
        accepted++;
        const outcome = read(input);
        if (outcome instanceof RuntimeError) throw outcome;
        for (const host of hosts) expect([undefined, ...host[2]]).toContain(refusal(outcome.spec, host));
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(150);
  },
  TIMEOUT_MS,
);

test(
  'what validate refuses, create refuses too, or has a warning for each finding; what a flag or the machine decides, some plan refuses',
  () => {
    const seen = { refused: 0, warned: 0, foretold: 0 };
    fc.assert(
      fc.property(config, (input) => {
        const { problems } = validateSpec(input);
        if (problems.length === 0) return;
        const outcome = read(input);
        if (outcome instanceof RuntimeError) {
          seen.refused++;
          // Not for something else: what it names, validate has found.
          expect(problems.map(({ pointer }) => pointer)).toContain(outcome.pointer);
          return;
        }
        const refusals = hosts.map((host) => refusal(outcome.spec, host));
        for (const { pointer, code } of problems) {
          if (outcome.warned.has(pointer)) {
            seen.warned++;
            continue;
          }
          seen.foretold++;
          // One that refuses something else first would have come to it.
          const [first, ...others] = foretold[code] ?? [];
          expect(first, `${code} ${pointer}`).toBeDefined();
          for (const index of [first as number, ...others]) expect(refusals[index], `${code} ${pointer}`).toBeDefined();
        }
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(seen.refused, seen.warned, seen.foretold), JSON.stringify(seen)).toBeGreaterThan(5);
  },
  TIMEOUT_MS,
);
