import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../host/facts.ts';
import type { LinuxIDMapping, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import type { Plan } from '../plan.ts';
import { capabilityBit } from '../process/capabilities.ts';
import { hybridHost, planOptions, smallSpec } from '../testing.ts';

const user: HostFacts = { ...hybridHost, euid: 1000, egid: 1001 };
const own = (hostID: number): LinuxIDMapping[] => [{ containerID: 0, hostID, size: 1 }];
const range: LinuxIDMapping[] = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

function planned(linux: Spec['linux'], facts = user, process: Partial<Spec['process']> = {}): Plan {
  const namespaces = [{ type: 'pid' as const }, { type: 'mount' as const }, { type: 'user' as const }];
  const { cgroupsPath: _, ...small } = smallSpec.linux ?? {};
  const spec = {
    ...smallSpec,
    process: { args: ['true'], cwd: '/', ...smallSpec.process, ...process },
    linux: { ...small, namespaces, ...linux },
  };
  return plan(spec as Spec, planOptions, facts);
}

const titles = ({ steps }: Plan): string[] => steps.map(({ title }) => title);
const written = ({ steps }: Plan) => steps.find(({ action }) => action.op === 'idMappings.write')?.action;

describe('who writes the id maps', () => {
  test('root does', () => {
    const action = written(planned({ uidMappings: range, gidMappings: range }, hybridHost));
    expect(action).toMatchObject({ uidBy: 'runtime', gidBy: 'runtime', setgroups: 'keep' });
  });

  test('a user maps his own ids himself, and must promise that the groups stay', () => {
    const action = written(planned({ uidMappings: own(1000), gidMappings: own(1001) }));
    expect(action).toMatchObject({ uidBy: 'runtime', gidBy: 'runtime', setgroups: 'deny' });
  });

  test.each([
    [own(1000), range, 'runtime', 'newgidmap', 'keep'],
    [range, own(1001), 'newuidmap', 'runtime', 'deny'],
    [own(1001), own(1000), 'newuidmap', 'newgidmap', 'keep'],
    [[...own(1000), { containerID: 1, hostID: 100_000, size: 10 }], range, 'newuidmap', 'newgidmap', 'keep'],
  ] as const)('for more it takes the programs: %j, %j', (uidMappings, gidMappings, uidBy, gidBy, setgroups) => {
    expect(written(planned({ uidMappings: [...uidMappings], gidMappings: [...gidMappings] }))).toMatchObject({ uidBy, gidBy, setgroups });
  });

  test.each([
    ['CAP_SETUID', 'runtime', 'newgidmap'],
    ['CAP_SETGID', 'newuidmap', 'runtime'],
  ] as const)('whoever has %s writes that map himself', (name, uidBy, gidBy) => {
    const facts = { ...user, effectiveCapabilities: capabilityBit(name) };
    expect(written(planned({ uidMappings: range, gidMappings: range }, facts))).toMatchObject({ uidBy, gidBy, setgroups: 'keep' });
  });

  test('whoever has CAP_SETGID need not promise that the groups stay', () => {
    const facts = { ...user, effectiveCapabilities: capabilityBit('CAP_SETGID') };
    expect(written(planned({ uidMappings: own(1000), gidMappings: own(1001) }, facts))).toMatchObject({ setgroups: 'keep' });
  });

  test('the plan says so', () => {
    expect(titles(planned({ uidMappings: range, gidMappings: range }))).toContain(
      'write the id mappings of the user namespace by newuidmap and newgidmap',
    );
  });
});

describe('what a user without privileges does where', () => {
  test('nothing is opened or mounted before the user namespace is made', () => {
    const { steps } = planned({ uidMappings: own(1000), gidMappings: own(1001) });
    const before = steps.filter(({ stage }) => stage === 'intermediate').map(({ action }) => action.op);
    expect(before).toEqual(['ns.unshare', 'sync', 'user.set', 'ns.clone']);
  });

  test('what his files in /proc are needed for comes before he becomes root', () => {
    const namespaces = [{ type: 'mount' as const }, { type: 'user' as const }, { type: 'time' as const }];
    const plan = planned({ namespaces, timeOffsets: { boottime: { secs: 1 } }, uidMappings: own(1000), gidMappings: own(1001) }, user, {
      oomScoreAdj: 100,
    });
    expect(plan.steps.find(({ action }) => action.op === 'oomScoreAdj.write')).toMatchObject({ at: 'idMappings' });
    const all = titles(plan);
    expect(all.indexOf('set clock offsets boottime')).toBeLessThan(all.indexOf('become root of the user namespace'));
    expect(all.indexOf('create a time namespace')).toBeGreaterThan(all.indexOf('wait for the id mappings'));
  });
});
