import { spawn } from 'node:child_process';
import { constants, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { temporaryFolder, thrown, withoutLeak } from './testing.ts';

const at = temporaryFolder();

describe('files', () => {
  test('a pipe that does not block takes everything all the same', async () => {
    addon.mkfifo(at('full'), 0o600);
    const reader = addon.open(at('full'), constants.O_RDONLY | constants.O_NONBLOCK, 0);
    const writer = addon.open(at('full'), constants.O_WRONLY | constants.O_NONBLOCK, 0);
    const untilFull = join(import.meta.dirname, '../../spec-tests/harness/until_full.py');
    const script = 'exec <"$1"; echo open; python3 "$2"; wc -c';
    const counter = spawn('sh', ['-c', script, 'sh', at('full'), untilFull], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(counter.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('open');
    addon.writeFd(writer, 'x'.repeat(300_000));
    for (const fd of [reader, writer]) addon.close(fd);
    expect((await lines.next()).value).toBe('300000');
  });

  test('are written, appended to and read as UTF-8', () => {
    withoutLeak(() => {
      addon.writeFile(at('text'), 'häuser', 0o600);
      addon.writeFile(at('text'), new TextEncoder().encode('€'), 0o600, true);
      expect(addon.readFile(at('text'))).toBe('häuser€');
      addon.writeFile(at('text'), 'short', 0o600);
      expect(addon.readFile(at('text'))).toBe('short');
    });
  });

  test('longer than one read', () => {
    const long = 'x'.repeat(100_000);
    addon.writeFile(at('long'), long, 0o600);
    expect(addon.readFile(at('long'))).toBe(long);
    expect(addon.readBytes(at('long'), 100_000)).toHaveLength(100_000);
    expect(withoutLeak(() => thrown(() => addon.readBytes(at('long'), 99_999))).code).toBe('EFBIG');
  });

  test('of proc, whose size is 0', () => {
    expect(addon.readFile('/proc/self/status')).toContain('Pid:');
  });

  test('writeControl neither creates nor truncates', () => {
    expect(thrown(() => addon.writeControl(at('control'), '1')).code).toBe('ENOENT');
    writeFileSync(at('control'), 'abc');
    addon.writeControl(at('control'), 'X');
    expect(readFileSync(at('control'), 'utf8')).toBe('Xbc');
  });

  test('replaceFile replaces, also over a stale temporary file', () => {
    writeFileSync(at('.state'), 'stale');
    addon.replaceFile(at('state'), 'one', 0o600);
    addon.replaceFile(at('state'), 'two', 0o600);
    expect(readFileSync(at('state'), 'utf8')).toBe('two');
    expect(statSync(at('state')).mode & 0o777).toBe(0o600);
    expect(existsSync(at('.state'))).toBe(false);
  });

  test('replaceFile leaves nothing behind when it fails', () => {
    mkdirSync(at('occupied'));
    expect(thrown(() => addon.replaceFile(at('occupied'), 'x', 0o600)).code).toBe('EISDIR');
    expect(existsSync(at('.occupied'))).toBe(false);
  });
});

describe('paths', () => {
  test('stat tells types, and null for what is not there', () => {
    addon.mkdir(at('directory'), 0o700);
    addon.mkfifo(at('fifo'), 0o600);
    expect(() => addon.unmount(at('fifo'), 0)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E(INVAL|PERM)$/), syscall: 'umount2' }),
    );
    symlinkSync('directory', at('link'));
    expect(addon.stat(at('directory'), true)).toMatchObject({ type: 'directory', mode: 0o700 });
    expect(addon.stat(at('fifo'), true)?.type).toBe('fifo');
    expect(addon.stat(at('link'), false)?.type).toBe('link');
    expect(addon.stat(at('link'), true)?.type).toBe('directory');
    expect(addon.stat('/dev/null', true)).toMatchObject({ type: 'device', rdev: 259 });
    expect(addon.stat(at('none'), true)).toBeNull();
    expect(addon.stat(`${at('fifo')}/below`, true)).toBeNull();
    expect(addon.readLink(at('link'))).toBe('directory');
    expect(addon.realPath(at('link'))).toBe(at('directory'));
  });

  test('readDirectory lists without dot entries', () => {
    mkdirSync(at('list/sub'), { recursive: true });
    writeFileSync(at('list/file'), '');
    const entries = withoutLeak(() => addon.readDirectory(at('list')));
    expect(entries.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'file', directory: false },
      { name: 'sub', directory: true },
    ]);
  });

  test('filesystemMagic', () => {
    expect(addon.filesystemMagic('/proc')).toBe(0x9fa0);
  });
});
