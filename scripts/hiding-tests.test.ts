import { expect, test } from 'vitest';
import { hiding } from './hiding-tests.ts';

const wait = (call: string) => `await new Promise((resolve) => ${call});`;
// Put together, as this file is looked at too.
const [sleep, skip] = ['sleep', 'skip'];

test.each([
  wait(`set${'Timeout'}(resolve, 300)`),
  wait(`set${'Timeout'}(() => resolve(), 300)`),
  `'${sleep} 0.5; stty size'`,
  `'(${sleep} .5; echo late) &'`,
  `'u${sleep} 200000; echo over'`,
  `describe.run${'If'}(installed('docker'))('Docker', () => {`,
  `test.${skip}('in some cases', () => {`,
  `if (missing) context.${skip}();`,
])('%s is found', (line) => {
  expect(hiding('spec-tests/a.spec.ts', `first\n${line}`)).toEqual([expect.stringMatching(/^spec-tests\/a\.spec\.ts:2: \w/)]);
  expect(hiding('spec-tests/harness/command.ts', line)).toEqual([]);
  expect(hiding('src/a.ts', line)).toEqual([]);
});

test.each([
  'while :; do sleep 0.1; done',
  'for i in $(seq 100); do [ -e a ] && break; sleep 0.05; done; exit 5',
  "exec sleep 1000'",
  `test.${skip}(\`\${title} [skipped: \${reason}]\`);`,
  `test.${skip}('on anything [skipped: Node itself is under test]');`,
  `context.${skip}('no executable has been built')`,
  'const timer = setTimeout(() => child.kill(), timeout);',
])('%s is not', (line) => {
  expect(hiding('spec-tests/a.spec.ts', line)).toEqual([]);
});
