import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { findLog, parseCommandLine } from './parse.ts';

function call(...argv: string[]) {
  const line = parseCommandLine(argv);
  if (line.kind !== 'call') throw new Error(`not a call: ${line.kind}`);
  return { command: line.command, args: line.args, flags: line.flags as Record<string, unknown>, global: line.global };
}

function failure(...argv: string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as RuntimeError).code).toMatch(/^(USAGE|COMMAND_UNKNOWN)$/);
    return (error as RuntimeError).message;
  }
  throw new Error('no error');
}

describe('as engines call', () => {
  test("containerd's shim", () => {
    const { command, args, flags, global } = call(
      ...['--root', '/run/docker/moby', '--log', '/b/log.json', '--log-format', 'json'],
      ...['create', '--bundle', '/b', '--pid-file', '/b/init.pid', '--console-socket', '/s', 'abc'],
    );
    expect([command, args]).toEqual(['create', ['abc']]);
    expect(flags).toMatchObject({ bundle: '/b', 'pid-file': '/b/init.pid', 'console-socket': '/s', 'no-pivot': false, 'preserve-fds': 0 });
    expect(global).toMatchObject({ root: '/run/docker/moby', log: '/b/log.json', 'log-format': 'json', 'cgroup-manager': 'cgroupfs' });
  });

  test('conmon mixes = and space', () => {
    const { global, flags } = call('--log-format=json', '--log', 'l', '--root=/r', 'exec', '--process', 'p.json', '--detach', 'id');
    expect(global).toMatchObject({ 'log-format': 'json', log: 'l', root: '/r' });
    expect(flags).toMatchObject({ process: 'p.json', detach: true });
  });

  test('go-runc: one dash, --rootless=true', () => {
    expect(call('--rootless=true', 'run', '-no-subreaper', '-d', 'id')).toMatchObject({
      global: { rootless: 'true' },
      flags: { 'no-subreaper': true, detach: true },
    });
  });

  test('podman: no cgroups', () => {
    expect(call('--cgroup-manager', 'disabled', 'create', '-b', '/b', 'id').global['cgroup-manager']).toBe('disabled');
  });

  test('podman asks for checkpoint and restore', () => {
    expect(parseCommandLine(['checkpoint', '--help'])).toEqual({ kind: 'help', topic: 'checkpoint' });
    expect(failure('restore', '--lsm-mount-context')).toBe('flag needs an argument: -lsm-mount-context');
  });

  test('update: resources from stdin, limits after the id, negative numbers', () => {
    expect(call('update', '--resources', '-', 'id').flags).toMatchObject({ resources: '-' });
    expect(call('update', '--resources=-', 'id').flags).toMatchObject({ resources: '-' });
    expect(call('update', 'id', '--memory', '64M', '--pids-limit', '-1')).toMatchObject({
      args: ['id'],
      flags: { memory: '64M', 'pids-limit': '-1' },
    });
  });

  test('kill in all its forms', () => {
    expect(call('kill', '--all', 'id', '9')).toMatchObject({ args: ['id', '9'], flags: { all: true } });
    expect(call('kill', 'id', '-a')).toMatchObject({ args: ['id'], flags: { all: true } });
    expect(call('kill', 'id', '--signal', 'HUP')).toMatchObject({ args: ['id'], flags: { signal: 'HUP' } });
  });
});

describe('exec and ps end their flags at the container', () => {
  test('what follows belongs to the program', () => {
    const { flags, args } = call('exec', '-t', '--env', 'A=1', '-e', 'B=2', 'id', 'ls', '-l', '--env', 'C', '--help');
    expect(args).toEqual(['id', 'ls', '-l', '--env', 'C', '--help']);
    expect(flags).toMatchObject({ tty: true, env: ['A=1', 'B=2'] });
  });

  test('-- before or after the id guards the program', () => {
    expect(call('exec', 'id', '--', 'cmd', '--', '-x').args).toEqual(['id', 'cmd', '--', '-x']);
    expect(call('exec', '--', 'id', 'cmd').args).toEqual(['id', 'cmd']);
  });

  test('options of ps(1)', () => {
    expect(call('ps', '-f', 'json', 'id', '-e', '-x')).toMatchObject({ args: ['id', '-e', '-x'], flags: { format: 'json' } });
  });
});

describe('syntax', () => {
  test('short flags take = and space', () => {
    expect(call('create', '-b', 'x', 'id').flags).toMatchObject({ bundle: 'x' });
    expect(call('create', '-b=x', 'id').flags).toMatchObject({ bundle: 'x' });
    expect(call('create', '-bundle=a=b', 'id').flags).toMatchObject({ bundle: 'a=b' });
  });

  test('booleans', () => {
    expect(call('create', '--no-pivot=true', 'id').flags).toMatchObject({ 'no-pivot': true });
    expect(call('create', '--no-pivot', '--no-pivot=false', 'id').flags).toMatchObject({ 'no-pivot': false });
    expect(call('create', '--no-pivot', 'true').args).toEqual(['true']);
  });

  test('a value may begin with a dash, the last one wins, -- ends the flags, - is an argument', () => {
    expect(call('create', '--bundle', '-x', '--bundle', '--', 'id').flags).toMatchObject({ bundle: '--' });
    expect(call('state', '--', '--help').args).toEqual(['--help']);
    expect(call('state', '-').args).toEqual(['-']);
  });

  test.each([
    [['--nope', 'state'], 'flag provided but not defined: -nope'],
    [['state', '--nope', 'a'], 'flag provided but not defined: -nope'],
    [['state', '-x=1', 'a'], 'flag provided but not defined: -x'],
    [['--root'], 'flag needs an argument: -root'],
    [['create', '-b'], 'flag needs an argument: -b'],
    [['create', '---b', 'id'], 'bad flag syntax: ---b'],
    [['create', '--=x', 'id'], 'bad flag syntax: --=x'],
    [['create', '--preserve-fds=x', 'a'], 'invalid value "x" for flag -preserve-fds: parse error'],
    [['create', '--preserve-fds', '0x3', 'a'], 'invalid value "0x3" for flag -preserve-fds: parse error'],
    [['create', '--preserve-fds', '1e1', 'a'], 'invalid value "1e1" for flag -preserve-fds: parse error'],
    [['create', '--no-pivot=maybe', 'a'], 'invalid boolean value "maybe" for -no-pivot: parse error'],
    [['create', '--no-pivot=', 'a'], 'invalid boolean value "" for -no-pivot: parse error'],
    [['list', '-f', 'xx'], 'invalid value "xx" for flag -f: must be one of table, json'],
    [['--log-format', 'xml', 'list'], 'invalid value "xml" for flag -log-format: must be one of text, json'],
    [['state'], 'runts: "state" requires exactly 1 argument(s)'],
    [['state', 'a', 'b'], 'runts: "state" requires exactly 1 argument(s)'],
    [['list', 'a'], 'runts: "list" requires exactly 0 argument(s)'],
    [['kill'], 'runts: "kill" requires a minimum of 1 argument(s)'],
    [['kill', 'a', '9', '9'], 'runts: "kill" requires a maximum of 2 argument(s)'],
    [['exec'], 'runts: "exec" requires a minimum of 1 argument(s)'],
    [['foo'], "No help topic for 'foo': there is no such command"],
    [['toString'], "No help topic for 'toString': there is no such command"],
    [['help', 'foo'], "No help topic for 'foo': there is no such command"],
  ])('%j → %s', (argv, message) => {
    expect(failure(...argv)).toBe(message);
  });

  test('a flag that was nearly right is named', () => {
    expect(() => parseCommandLine(['create', '--bundel', 'x', 'id'])).toThrow(
      expect.objectContaining({ hint: 'did you mean "bundle"? usage: runts create [options] <container-id>' }),
    );
  });
});

describe('help and version', () => {
  test.each([
    [[], undefined],
    [['help'], undefined],
    [['--help'], undefined],
    [['-h'], undefined],
    [['help', 'run'], 'run'],
    [['run', '-h'], 'run'],
    [['run', 'id', '--help'], 'run'],
    [['--help', 'run'], 'run'],
  ])('%j', (argv, topic) => {
    expect(parseCommandLine(argv)).toEqual({ kind: 'help', topic });
  });

  test.each([['--version'], ['-v'], ['-version']])('%s', (flag) => {
    expect(parseCommandLine([flag])).toEqual({ kind: 'version' });
  });
});

describe('findLog', () => {
  test.each([
    [['--log', 'a', '--log-format', 'json', 'state', 'x'], 'a', 'json'],
    [['--nope', '--log=a=b', '-log-format=json'], 'a=b', 'json'],
    [['--root', '--log', '--log', 'a', 'state'], 'a', undefined],
    [['state', '--log', 'a'], undefined, undefined],
    [['--debug', '--', '--log', 'a'], undefined, undefined],
    [['--log'], undefined, undefined],
    [[], undefined, undefined],
  ])('%j', (argv, path, format) => {
    expect(findLog(argv)).toEqual({ path, format });
  });
});
