// Loaded into the executable that is profiled, behind the globals and in front of src/: a host in place of the real one, the same in every build, so
// that the counts are the same, too (train.cc sees to the addresses). `trainee NUMBER` carries out the command of
// that number, one process for each, as in use; it ends with 100 after the last.
const { engine } = globalThis;
const { addon: real, arguments: realArguments, writeError: tell } = engine;

const hybrid = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'pids'];
const mount = (id, point, type, options) =>
  `${id} 20 0:${id} / ${point} rw,nosuid,nodev,noexec,relatime shared:${id} - ${type} ${type} rw${options}\n`;
const mounts =
  '20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n21 20 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:2 - proc proc rw\n';

/** A machine with cgroup v2, and one that has both. */
const hosts = {
  v1: {
    '/proc/self/mountinfo':
      mounts +
      mount(30, '/sys/fs/cgroup/unified', 'cgroup2', '') +
      hybrid.map((name, index) => mount(31 + index, `/sys/fs/cgroup/${name}`, 'cgroup', `,${name}`)).join(''),
    '/proc/self/cgroup': `${hybrid.map((name, index) => `${index + 1}:${name}:/\n`).join('')}0::/\n`,
    '/sys/fs/cgroup/unified/cgroup.controllers': '\n',
  },
  v2: {
    '/proc/self/mountinfo': mounts + mount(30, '/sys/fs/cgroup', 'cgroup2', ',nsdelegate'),
    '/proc/self/cgroup': '0::/user.slice/session.scope\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
  },
};

const lines = [
  { args: ['spec', '--bundle', '/empty'], status: 0 },
  ...['v1', 'v2', 'v1'].flatMap((host) => [
    { args: ['plan'], host, status: 0 },
    { args: ['validate'], host, status: 0 },
  ]),
  { args: ['plan', '--bundle', '/seccomp'], host: 'v1', status: 0 },
  { args: ['state', 'nothing'], status: 1 },
  { args: ['list'], status: 1 },
  { args: ['features'], status: 0 },
];

function fail(words) {
  tell(`training: ${words}\n`);
  real.exit(1);
}

function systemError(syscall, path) {
  return Object.assign(new Error(`${syscall} ${path}`), { code: 'ENOENT', errno: 2, syscall, path });
}

function hostOf(files) {
  const read = (path) => {
    if (!Object.hasOwn(files, path)) throw systemError('open', path);
    return files[path];
  };
  const known = {
    boundingCapabilities: () => ({ held: 2n ** 41n - 1n, last: 40 }),
    filesystemMagic: () => 0x63677270,
    getegid: () => 0,
    geteuid: () => 0,
    getpid: () => 1000,
    hostname: () => 'host',
    initSize: () => 60_000,
    isTerminal: () => false,
    loadedAt: () => 0,
    monotonic: () => 1,
    now: () => 1_700_000_000_000_000,
    readBytes: (path) => engine.encode(read(path)),
    readFile: read,
    readFileIfThere: (path) => files[path] ?? null,
    readLink: () => 'user:[4026531837]',
    realPath: (path) => path,
    stat: (path) => {
      if (Object.hasOwn(files, path)) return { type: 'file', mode: 0o644, uid: 0, gid: 0, rdev: 0 };
      return /^\/(run|empty|(bundle|seccomp)(\/rootfs)?)$/.test(path) ? { type: 'directory', mode: 0o755, uid: 0, gid: 0, rdev: 0 } : null;
    },
    uname: () => ({ release: '6.1.0', machine: 'x86_64' }),
    umask: () => 0o22,
    openOwnFile: () => 3,
    close: () => undefined,
    writeFd: (fd, content) => fd === 3 && engine.keep(content),
  };
  const missing = (name) => (path) => {
    throw systemError(name, path);
  };
  return Object.fromEntries(Object.keys(real).map((name) => [name, known[name] ?? missing(name)]));
}

let args = [];
let status;

/** Carries out a command of src/. @returns its exit status */
async function perform(command, line, files) {
  args = line;
  status = undefined;
  Object.assign(engine.addon, hostOf(files), { exit: (value) => (status = value) });
  await command();
  return status;
}

Object.assign(engine, {
  // src/ keeps this object.
  addon: hostOf({}),
  arguments: () => ['runts', '--root', '/run/runts', ...args],
  environment: () => ({ PATH: '/usr/bin:/bin', HOME: '/root' }),
  pid: () => 1000,
  parent: () => 999,
  workingDirectory: () => '/bundle',
  writeError: () => true,
});

let start;
let prepared;
let bundles = {};

/** What `runts spec` writes, and the same with the profile of Docker: while the image is made, which is not counted. */
async function prepare(command) {
  let text = '';
  Object.assign(engine, { keep: (content) => (text = content) });
  if ((await perform(command, ['spec', '--bundle', '/empty'], {})) !== 0) throw new Error('training: no config.json');
  const config = JSON.parse(text);
  config.linux.seccomp = engine.profile;
  bundles = { '/bundle/config.json': text, '/seccomp/config.json': JSON.stringify(config) };
}

async function train() {
  await prepared;
  const number = Number(realArguments()[1]);
  const line = lines[number];
  if (line === undefined) fail(`there are ${lines.length} commands`);
  const found = await perform(start, line.args, { ...hosts[line.host], ...bundles });
  if (found !== line.status) fail(`${line.args.join(' ')} ended with ${found}`);
  real.exit(number + 1 < lines.length ? 0 : 100);
}

Object.defineProperty(engine, 'start', {
  get: () => train,
  set(command) {
    start = command;
    prepared = prepare(command);
  },
});
