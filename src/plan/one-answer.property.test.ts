import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import type { HostFacts } from '../host/facts.ts';
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
  [{ ...unified, euid: 1000 }, { ...planOptions, noCgroup: true }, namesTheHost],
];

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

test('what validate accepts, the plan for a rich host accepts too, or it refuses with a code that names the host', () => {
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
});

test('what validate refuses, create refuses or has a warning for', () => {
  fc.assert(
    fc.property(config, (input) => {
      const { problems } = validateSpec(input);
      const told: string[] = [];
      for (const host of hosts) {
        let spec: Spec;
        try {
          spec = parseSpec(json(input), ({ pointer }) => told.push(pointer));
        } catch (error) {
          expect(error).toBeInstanceOf(RuntimeError);
          expect(problems).not.toEqual([]);
          continue;
        }
        if (problems.length === 0) expect([undefined, ...host[2]]).toContain(refusal(spec, host));
        // Never a mistake of runts: whatever is tolerated can be planned, or is refused with a code.
        else refusal(spec, host);
      }
    }),
    { numRuns: 1500 },
  );
});
