import { describe, expect, test } from 'vitest';
import { type Format, Log } from './log.ts';

interface Setting {
  readonly format?: Format;
  readonly file?: boolean;
  readonly terminal?: boolean;
}

function setUp({ format = 'text', file = false, terminal = false }: Setting) {
  const written = { file: '', stderr: '' };
  const log = new Log({
    file: file
      ? (text) => {
          written.file += text;
        }
      : undefined,
    stderr: (text) => {
      written.stderr += text;
    },
    stderrIsTerminal: terminal,
    format,
    now: () => new Date('2026-08-22T10:00:00.123Z'),
  });
  return { log, written };
}

const details = { code: 'MOUNT_FAILED', pointer: '/mounts/4', hint: 'overlay needs lowerdir=' };

describe('the error that ends a command', () => {
  test('JSON file: one object with its keys in order, and the message alone on stderr', () => {
    const { log, written } = setUp({ format: 'json', file: true });
    log.debug('a detail');
    log.error('cannot mount "x"', details);
    expect(written.file).toBe(
      '{"level":"error","msg":"cannot mount \\"x\\"","time":"2026-08-22T10:00:00Z","code":"MOUNT_FAILED","pointer":"/mounts/4","hint":"overlay needs lowerdir="}\n',
    );
    expect(written.stderr).toBe('cannot mount "x"\n');
  });

  test('JSON on stderr: nothing besides', () => {
    const { log, written } = setUp({ format: 'json' });
    log.error('gone', { code: 'NOT_FOUND' });
    expect(JSON.parse(written.stderr)).toEqual({ level: 'error', msg: 'gone', time: '2026-08-22T10:00:00Z', code: 'NOT_FOUND' });
  });

  test('text file: as logrus', () => {
    const { log, written } = setUp({ file: true });
    log.error('say "hi"\nagain', details);
    expect(written.file).toBe('time="2026-08-22T10:00:00Z" level=error msg="say \\"hi\\"\\nagain"\n');
    expect(written.stderr).toBe('say "hi"\nagain\n');
  });

  test('for people', () => {
    const { log, written } = setUp({});
    log.error('cannot mount "x"', details);
    expect(written.stderr).toBe('error: cannot mount "x"\n  at   /mounts/4\n  hint overlay needs lowerdir=\n');
  });

  test('for people whose log is a file', () => {
    const { log, written } = setUp({ format: 'json', file: true, terminal: true });
    log.error('cannot mount "x"', details);
    expect(written.stderr).toContain('  at   /mounts/4\n');
  });

  test('every problem has a line', () => {
    const problems = [
      { pointer: '/process/args', message: 'must not be empty' },
      { pointer: '', message: 'must be an object' },
    ];
    const { log, written } = setUp({ file: true, format: 'json' });
    log.error('invalid config.json', { code: 'INVALID_SPEC', problems });
    expect(written.stderr).toBe('invalid config.json\n  /process/args: must not be empty\n  /: must be an object\n');
    expect(JSON.parse(written.file).msg).toBe(written.stderr.trimEnd());
  });

  test('a config.json cannot steer the terminal', () => {
    const { log, written } = setUp({ terminal: true });
    log.error('no "\u001b[2J\u009b"');
    expect(written.stderr).toBe('error: no "?[2J?"\n');
  });
});

describe('warnings', () => {
  test.each([
    [{ terminal: false }, 'time="2026-08-22T10:00:00Z" level=warning msg="odd (at /a)"\n'],
    [{ terminal: true }, 'warning: odd\n  at   /a\n'],
    [
      { format: 'json', terminal: true },
      '{"level":"warning","msg":"odd (at /a)","time":"2026-08-22T10:00:00Z","code":"ODD","pointer":"/a"}\n',
    ],
  ] as const)('on stderr with %j', (setting, expected) => {
    const { log, written } = setUp(setting);
    log.warning('odd', { code: 'ODD', pointer: '/a' });
    expect(written.stderr).toBe(expected);
  });

  test('in a text file', () => {
    const { log, written } = setUp({ file: true });
    log.warning('odd', { code: 'ODD', pointer: '/a' });
    expect(written).toEqual({ file: 'time="2026-08-22T10:00:00Z" level=warning msg="odd (at /a)"\n', stderr: '' });
  });

  test('in a JSON file', () => {
    const { log, written } = setUp({ file: true, format: 'json' });
    log.warning('odd', { code: 'ODD' });
    log.info('unseen');
    expect(written.file).toBe('{"level":"warning","msg":"odd","time":"2026-08-22T10:00:00Z","code":"ODD"}\n');
  });

  test('not at level error', () => {
    const { log, written } = setUp({ terminal: true });
    log.level = 'error';
    log.warning('odd');
    expect(written.stderr).toBe('');
  });
});

test('levels', () => {
  const { log, written } = setUp({});
  log.level = 'debug';
  log.debug('d');
  log.info('i');
  expect(written.stderr).toBe('time="2026-08-22T10:00:00Z" level=debug msg="d"\ntime="2026-08-22T10:00:00Z" level=info msg="i"\n');
});
