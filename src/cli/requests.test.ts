import { describe, expect, test } from 'vitest';
import { createRequest } from './create.ts';
import { execRequest } from './exec-request.ts';
import { parseCommandLine } from './parse.ts';

function callOf<C extends 'create' | 'exec'>(command: C, ...argv: string[]) {
  const line = parseCommandLine([command, ...argv]);
  if (line.kind !== 'call' || line.command !== command) throw new Error('not a call');
  return line as Extract<typeof line, { command: C }>;
}

const here = process.cwd();

describe('create', () => {
  test('defaults', () => {
    expect(createRequest(callOf('create', 'id'))).toEqual({ id: 'id', bundle: here, noPivot: false, noNewKeyring: false, preserveFds: 0 });
  });

  test("paths count from the caller's directory", () => {
    const flags = ['-b', 'b/../c', '-f', 'x.json', '--pid-file', './p', '--console-socket', '/s/', '--pidfd-socket', 'q', '--no-pivot'];
    expect(createRequest(callOf('create', ...flags, '--no-new-keyring', '--preserve-fds', '2', 'id'))).toEqual({
      id: 'id',
      bundle: `${here}/c`,
      configFile: `${here}/x.json`,
      pidFile: `${here}/p`,
      consoleSocket: '/s',
      pidfdSocket: `${here}/q`,
      noPivot: true,
      noNewKeyring: true,
      preserveFds: 2,
    });
  });
});

describe('exec', () => {
  const defaults = {
    id: 'id',
    args: ['ls', '-l'],
    env: [],
    tty: false,
    additionalGids: [],
    detach: false,
    noNewPrivileges: false,
    caps: [],
    preserveFds: 0,
    ignorePaused: false,
    cgroup: [],
  };

  test('defaults', () => {
    expect(execRequest(callOf('exec', 'id', 'ls', '-l'), undefined)).toEqual(defaults);
  });

  test('user and groups', () => {
    const call = callOf('exec', '-u', '1', '-g', '5', '-g', '6', 'id', 'ls', '-l');
    expect(execRequest(call, undefined)).toEqual({ ...defaults, user: { uid: 1 }, additionalGids: [5, 6] });
    expect(() => execRequest(callOf('exec', '-g', '5,6', 'id', 'ls'), undefined)).toThrow('invalid group');
  });
});
