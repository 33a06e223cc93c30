import { expect, test } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { explain } from '../spec/explain.ts';
import { renderList } from './list.ts';
import { renderPlan, renderPlanJson } from './plan.ts';
import { filterPs } from './ps-lines.ts';
import { renderState } from './state.ts';
import { renderFindings } from './validate.ts';
import { renderSarif } from './validate-sarif.ts';

const report = {
  owner: 'root',
  created: '2026-11-21T10:33:56.061179414Z',
  rootfs: '/b/rootfs',
  bundle: '/tmp/cli-probe/b',
  status: 'created',
  pid: 6225,
  id: 'probe1',
  ociVersion: '1.3.0',
} as const;

test('state: the order of runc, no newline at the end', () => {
  expect(renderState({ ...report, annotations: { 'a.b': 'c' } })).toBe(`{
  "ociVersion": "1.3.0",
  "id": "probe1",
  "pid": 6225,
  "status": "created",
  "bundle": "/tmp/cli-probe/b",
  "rootfs": "/b/rootfs",
  "created": "2026-11-21T10:33:56.061179414Z",
  "annotations": {
    "a.b": "c"
  },
  "owner": "root"
}`);
  expect(renderState(report)).not.toContain('annotations');
});

test('list: the table that runc prints', () => {
  expect(renderList([report])).toBe(
    [
      'ID          PID         STATUS      BUNDLE             CREATED                          OWNER\n',
      'probe1      6225        created     /tmp/cli-probe/b   2026-11-21T10:33:56.061179414Z   root\n',
    ].join(''),
  );
  expect(renderList([])).toBe('ID          PID         STATUS      BUNDLE      CREATED     OWNER\n');
});

test('list: a path with control characters stays on its line', () => {
  expect(renderList([{ ...report, bundle: '/a\n\u001b[31mb' }]).split('\n')).toHaveLength(3);
});

const psOutput = `UID        PID  PPID  C STIME TTY          TIME CMD
root         1     0  0 10:18 ?        00:00:01 /sbin/init
root      6225     1  0 10:33 ?        00:00:00 sh -c 1
root        62     1  0 10:33 ?        00:00:00 6225
`;

test('ps: the header and the lines of the container', () => {
  expect(filterPs(psOutput, [6225])).toBe(`${psOutput.split('\n')[0]}\n${psOutput.split('\n')[2]}\n`);
  expect(filterPs(psOutput, [])).toBe(`${psOutput.split('\n')[0]}\n`);
  const commands = [
    'COMMAND                         PID',
    'sleep 1000 77                  6225',
    'sleep 6225                      812',
    '',
  ];
  expect(filterPs(commands.join('\n'), [6225, 1000])).toBe(`${commands[0]}\n${commands[1]}\n`);
  const moved = ['USER         PID COMMAND', 'averylongname   6225 sleep 1', ''];
  expect(filterPs(moved.join('\n'), [6225])).toBe(moved.join('\n'));
  const busybox = ['PID   USER', '    7 root', '  812 root', ''];
  expect(filterPs(busybox.join('\n'), [7])).toBe('PID   USER\n    7 root\n');
  expect(() => filterPs('CMD\nsh\n', [1])).toThrow(expect.objectContaining({ code: 'PS_NO_PID' }));
});

const plan: Plan = {
  steps: [
    {
      chapter: 'Cgroups',
      stage: 'runtime',
      pointer: '/linux/cgroupsPath',
      title: 'make the cgroup /c',
      action: { op: 'cgroup.create', controller: '', path: '/c' },
    },
    {
      chapter: 'Namespaces',
      stage: 'intermediate',
      pointer: '/linux/namespaces',
      title: 'leave the namespaces of the host',
      action: { op: 'ns.unshare', flags: 3 },
    },
    { chapter: 'Namespaces', stage: 'init', title: 'wait', action: { op: 'root.pivot' } },
    {
      chapter: 'Seccomp',
      stage: 'init',
      pointer: '/linux/seccomp',
      title: 'load the filter',
      action: { op: 'seccomp.load', program: new Uint8Array([1, 2]), flags: 2n ** 63n, listener: false },
    },
  ],
  warnings: [{ code: 'NO_CGROUP', message: 'odd', pointer: '/x' }],
  cgroupPaths: { '': '/c' },
};

test('plan: a table of contents', () => {
  expect(renderPlan(plan)).toMatchInlineSnapshot(`
    "runtime       runts itself, on the host
    intermediate  a short-lived process that enters and makes the namespaces
    init          the first process of the container, before it becomes the program

    Cgroups
      1  runtime       make the cgroup /c                /linux/cgroupsPath

    Namespaces
      2  intermediate  leave the namespaces of the host  /linux/namespaces
      3  init          wait

    Seccomp
      4  init          load the filter                   /linux/seccomp

    Warnings
      odd  /x
    "
  `);
});

test('plan: JSON with bytes in base64 and exact numbers', () => {
  const { steps, warnings, cgroupPaths } = JSON.parse(renderPlanJson(plan));
  expect(steps[3]).toMatchObject({
    number: 4,
    stage: 'init',
    action: { op: 'seccomp.load', program: 'AQI=', flags: '9223372036854775808' },
  });
  expect({ warnings, cgroupPaths }).toEqual({ warnings: plan.warnings, cgroupPaths: { '': '/c' } });
});

test('validate: findings and their sum', () => {
  const findings = explain('{\n"ociVersion": "1.0.2",\n"root": {"path": ""},\n"hostnam": "x",\n"root": {"path": ""}}');
  expect(renderFindings(findings)).toMatchInlineSnapshot(`
    "error    line 5, /root/path: root.path must not be empty [EMPTY, CFG-004]
             expected a value that is not empty, found ""
    warning  line 5, /root: repeated property "root": the last one counts [DUPLICATE_PROPERTY, GLO-002]
             expected each name once, found an object
    warning  line 4, /hostnam: unknown property "hostnam" is ignored [UNKNOWN_PROPERTY, CFG-095]
             expected a property that the specification defines, found "x"
             hint did you mean "hostname"?
    1 error, 2 warnings
    "
  `);
  expect(renderFindings([])).toBe('0 errors, 0 warnings\n');
});

test('validate: SARIF', () => {
  const findings = explain('{"ociVersion": "1.0.2", "linux": {"namespaces": [{"type": "net"}]}}');
  const log = JSON.parse(renderSarif(findings, 'file:///b/config.json', '1.2.3'));
  expect(log.version).toBe('2.1.0');
  expect(log.runs[0].tool.driver).toMatchObject({ name: 'runts', semanticVersion: '1.2.3' });
  const result = log.runs[0].results.find((one: { ruleId: string }) => one.ruleId === 'UNKNOWN_VALUE');
  expect(result).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'file:///b/config.json' }, region: { startLine: 1, startColumn: 59 } },
        logicalLocations: [{ fullyQualifiedName: '/linux/namespaces/0/type' }],
      },
    ],
    properties: { clause: 'LNX-013', found: '"net"', hint: 'did you mean "network"?' },
  });
  expect(log.runs[0].tool.driver.rules[result.ruleIndex].id).toBe('UNKNOWN_VALUE');
});
