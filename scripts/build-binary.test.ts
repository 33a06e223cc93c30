import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'runts-build-'));
  for (const folder of ['scripts', 'native/engine']) cpSync(join(root, folder), join(place, folder), { recursive: true });
  mkdirSync(join(place, 'bin'));
});

afterEach(() => rmSync(place, { recursive: true }));

/** The build of a fresh clone on a machine where the programs named are all there is; each of them fails. */
function build(programs: readonly string[], args: readonly string[], env = {}) {
  for (const program of programs) writeFileSync(join(place, 'bin', program), '#!/nothing\n', { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build-binary.js', ...args], {
    cwd: place,
    env: { PATH: join(place, 'bin'), HOME: place, ...env },
    encoding: 'utf8',
  });
  expect(readdirSync(join(place, 'dist'))).toEqual([]);
  return { status, stdout, stderr };
}

const compilers = ['ar', 'g++', 'gcc', 'make', 'objcopy'];
const all = [...compilers, 'musl-gcc', 'tar', 'xz'];

test('without musl nothing slower is built in place of the executable: it is said what to install', () => {
  expect(build(compilers, [])).toEqual({
    status: 69,
    stdout: '',
    stderr: `dist/runts cannot be built: not installed: musl-gcc
  on Debian: apt-get install --yes musl-tools
or build a slower one: npm run build:binary -- --glibc (without musl), or --bun (also without QuickJS)
`,
  });
});

test('one command installs all that is missing', () => {
  expect(build(['gcc'], []).stderr).toContain('\n  on Debian: apt-get install --yes binutils g++ make musl-tools\n');
});

test('without xz QuickJS cannot be unpacked', () => {
  const { status, stderr } = build([...compilers, 'musl-gcc', 'tar'], []);
  expect(status).toBe(69);
  expect(stderr).toContain('apt-get install --yes xz-utils');
});

test('without QuickJS it is said where to put it', () => {
  const { status, stderr } = build(all, []);
  expect(status).toBe(69);
  expect(stderr).toMatch(
    /QuickJS cannot be had: .*\n.*: put quickjs_[\d.]+\.orig\.tar\.xz into .*\/\.cache\/runts,\n.*SHA-256 [0-9a-f]{64}/,
  );
  expect(stderr).toContain('--bun');
});

test('who asks for the C library of the system needs no musl, but QuickJS', () => {
  for (const option of ['--glibc', '--plain']) {
    const { status, stderr } = build(['ar', 'g++', 'gcc', 'make', 'objcopy', 'tar', 'xz'], [option]);
    expect(status).toBe(69);
    expect(stderr).toMatch(/^dist\/runts cannot be built: QuickJS cannot be had/);
    expect(stderr).not.toMatch(/musl/);
  }
});

test('a build that lacks another part needs musl all the same', () => {
  for (const option of ['--imageless', '--mortal', '--untrained']) {
    expect(build(compilers, [option]).stderr).toMatch(/^dist\/runts cannot be built: not installed: musl-gcc\n/);
  }
});

test('who asks for Bun gets that attempted, on the command line or in the environment', () => {
  for (const [args, env] of [
    [['--bun'], {}],
    [[], { RUNTS_BINARY: '--bun' }],
  ] as const) {
    const { status, stderr } = build([], args, env);
    expect(status).toBe(1);
    expect(stderr).toMatch(/node_modules\/\.bin\/bun/);
  }
});

test('for another processor it is said what its compiler cannot be had without', () => {
  if (process.arch === 'arm64') return;
  const { status, stderr } = build(all, ['--arch', 'aarch64']);
  expect(status).toBe(69);
  expect(stderr).toMatch(/^dist\/runts-aarch64 cannot be built: not installed: apt-get, dpkg-deb\n/);
});

test('an option that there is not is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build-binary.js'), '--glib'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/--glib/);
});
