import { expect, test } from 'vitest';
import { clauseOf } from './clauses.ts';
import { type ExplainedFinding, explain } from './explain.ts';

const least = '"ociVersion": "1.3.0", "root": {"path": "rootfs"}';
const only = (text: string): ExplainedFinding => {
  const findings = explain(text);
  expect(findings).toHaveLength(1);
  return findings[0] as ExplainedFinding;
};

test('GLO-002 a repeated name is a warning, and the last one counts', () => {
  expect(only(`{${least},\n "hostname": 1,\n "hostname": "",\n "annotations": {}}`)).toMatchObject({
    severity: 'warning',
    code: 'DUPLICATE_PROPERTY',
    clause: 'GLO-002',
    pointer: '/hostname',
    line: 3,
    column: 14,
    expected: 'each name once',
  });
});

test('CFG-095 a misspelt name comes with a suggestion', () => {
  expect(only(`{${least}, "hostnam": "x"}`)).toMatchObject({
    severity: 'warning',
    code: 'UNKNOWN_PROPERTY',
    clause: 'CFG-095',
    hint: 'did you mean "hostname"?',
  });
});

test.each([
  ['"env": ["hunter2"]', 'a string'],
  ['"env": ["=hunter2"]', 'a string'],
  ['"env": "P=hunter2"', 'a string'],
  ['"env": [8732465]', 'a number'],
  ['"env": {"P": "hunter2"}', 'an object'],
])('ENG-014 what stands in an environment is not shown: %s', (env, found) => {
  for (const [open, close] of [
    ['"process": {"args": ["a"], "cwd": "/", ', '}'],
    ['"hooks": {"poststop": [{"path": "/a", ', '}]}'],
  ]) {
    const finding = only(`{${least}, ${open}${env}${close}}`);
    expect(finding.found).toBe(found);
    expect(JSON.stringify(finding)).not.toMatch(/hunter2|8732465/);
  }
});

test('CFG-096 a wrong type tells what was expected and found', () => {
  expect(only(`{${least}, "annotations": ["x"]}`)).toMatchObject({
    code: 'WRONG_TYPE',
    clause: 'CFG-088',
    expected: 'an object',
    found: 'an array',
  });
});

test('what is missing is looked for where it would be', () => {
  const findings = explain(`{${least},\n  "process": {\n "args": ["x"]}}`);
  expect(findings.find(({ pointer }) => pointer === '/process/cwd')).toMatchObject({
    line: 2,
    column: 14,
    found: 'nothing',
    clause: 'CFG-028',
  });
});

test('GLO-001 text that is no JSON is a finding of its own', () => {
  expect(only('{\n  "a": tru\n}')).toMatchObject({ code: 'INVALID_JSON', clause: 'GLO-001', line: 2, column: 8, found: '"t"' });
});

test.each([
  ['/mounts/3/destination', 'EMPTY', 'CFG-009'],
  ['/mounts/3/uidMappings/0/size', 'BAD_INTEGER', 'CFG-023'],
  ['/linux/seccomp/syscalls/0/args/1/op', 'UNKNOWN_VALUE', 'LNX-166'],
  ['/linux/seccomp/syscalls/0/names', 'EMPTY', 'LNX-151'],
  ['/annotations/a~1b', 'WRONG_TYPE', 'CFG-090'],
  ['/annotations/', 'EMPTY', 'CFG-089'],
  ['/linux/nosuch', 'UNKNOWN_PROPERTY', 'CFG-095'],
  ['/elsewhere', 'WRONG_TYPE', 'CFG-096'],
  ['', 'WRONG_TYPE', 'CFG-096'],
])('the clause of %s (%s) is %s', (pointer, code, expected) => {
  expect(clauseOf(pointer, code)).toBe(expected);
});
