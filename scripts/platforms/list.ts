// The platforms that docs/platforms.md speaks of, and how the suite is run on each.

export interface Platform {
  /** What its row begins with. */
  readonly title: string;
  /** Whose privileges the runtime has, where the tests give it others than they have themselves. */
  readonly privilege?: string;
  /** What lies between the kernel and the runtime; absent: nothing. */
  readonly nesting?: string;
  /** What the suite is started with; words of vitest follow. Absent: the suite runs here. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A variable that the caller has to set, and what it names. */
  readonly needs?: readonly [name: string, what: string];
  /** The files that speak of it, where these are not all of the suite. */
  readonly files?: readonly string[];
}

const program = ['VM_RUN', 'the program that boots the machine'] as const;

/** Hours are not enough for a suite that is emulated on a machine with other things to do. */
const patient = { VM_TIMEOUT: '36000' };

/** How long all takes where it is emulated, and how many tries are a sample there: each takes seconds. */
export const emulated = {
  SPEC_SLOWNESS: 8,
  DEATHS_ROUNDS: 4,
  DIFFERENTIAL_RUNS: 4,
  FAULTS_COUNT: 1,
  HUNTS: 4,
  POWER_CUTS: 5,
  RACES: 4,
  SPEC_ROUNDS: 16,
};

/** A process for each file takes longer to start than some tests, and may not start in time. */
const debian = (title: string, kernel: string): Platform => ({
  title: `Debian ${title}, QEMU`,
  command: ['spec-tests/old-kernel', '--no-isolate'],
  env: {
    ...patient,
    KERNEL: kernel,
    VM_OPTIONS: Object.entries(emulated)
      .map(([name, value]) => `--env ${name}=${value}`)
      .join(' '),
  },
});

const userMode = (title: string, options: string): Platform => ({
  title,
  command: ['spec-tests/vm'],
  env: { ...patient, VM_OPTIONS: options },
  needs: program,
});

/** What an account without privileges does is tried by tests of root, which make one. */
const ofUsers = ['rootless', 'rootless-config', 'rootless-refusals'].map((name) => `spec-tests/${name}.spec.ts`);

/** By the name of the record. */
export const platforms: Readonly<Record<string, Platform>> = {
  host: { title: 'a developer’s machine' },
  'host-node': { title: 'a developer’s machine, Node', env: { RUNTIME: 'bin/runts.js' } },
  'host-user': { title: 'a developer’s machine, a plain user', privilege: 'a user', files: ofUsers },
  'user-mode': userMode('a kernel in user mode', ''),
  'user-mode-systemd': userMode('a kernel in user mode, systemd', '--systemd'),
  'user-mode-apparmor': userMode('a kernel in user mode, AppArmor', '--apparmor'),
  'user-mode-selinux': userMode('a kernel in user mode, SELinux', '--selinux'),
  'debian-11': debian('11', 'bullseye'),
  'debian-12': debian('12', 'bookworm'),
  'debian-13': debian('13', 'trixie'),
  'debian-sid': debian('sid', 'sid'),
  'debian-13-arm64': {
    title: 'Debian 13 for arm64, QEMU',
    command: ['spec-tests/aarch64/run'],
    env: { ...patient, LONG: '1', RUNTIME: 'dist/runts-aarch64' },
  },
};
