import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { inner, innerBundle, mounts } from './harness/bundle.ts';
import { Docker } from './harness/docker.ts';
import { needing } from './harness/runtime.ts';

// runts called inside of Docker's containers, as CI jobs are.

needing('docker', 'dockerd', 'containerd').describe('runts in a container of Docker', () => {
  let docker: Docker;
  let bundle: string;
  beforeAll(async () => {
    docker = await Docker.start();
    bundle = await innerBundle();
  });
  afterEach(() => docker.clear());
  afterAll(() => docker.stop());

  const attempt = (options: string[], words: string[]) => docker.attempt('run', '--rm', ...options, ...mounts(bundle), 'busybox', ...words);

  test('runs containers with --privileged', async () => {
    const { status, stdout, stderr } = await attempt(['--privileged'], inner());
    expect(status, stderr).toBe(0);
    expect(stdout).toBe('cat');
  });

  test('doctor says with its exit status whether it does', async () => {
    const privileged = await attempt(['--privileged'], ['/runts', 'doctor']);
    expect(privileged.stdout).toContain('containers can be made here');
    expect(privileged.stdout).toMatch(/container: (Docker|docker)/);
    expect(privileged.status).toBe(0);
    const plain = await attempt([], ['/runts', 'doctor']);
    expect(plain.stdout).toMatch(/missing {2}privileges: .*\n.*\n +mend .*--privileged/);
    expect(plain.status).toBe(1);
  });

  const administrates = ['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN', '--security-opt', 'apparmor=unconfined'];
  const noCgroup = ['--cgroup-manager', 'disabled'];

  test('runs containers with CAP_SYS_ADMIN, in the cgroup of the outer one and with its keyring, by --no-pivot', async () => {
    const { status, stdout, stderr } = await attempt(administrates, inner(noCgroup, ['--no-new-keyring', '--no-pivot']));
    expect(status, stderr).toBe(0);
    expect(stdout).toBe('cat');
  });

  test.each([
    ['without any more rights', [], inner(), /read-only file system.*hint .*--privileged/s],
    ['without any more rights, and no cgroup', [], inner(noCgroup), /clone: operation not permitted.*no CAP_SYS_ADMIN here.*--privileged/s],
    ['with read-only cgroups', administrates, inner(), /read-only file system.*hint .*--cgroup-manager disabled/s],
    [
      'with a filter that keeps keyrings from all',
      administrates,
      inner(noCgroup),
      /keyctl.*operation not permitted.*hint .*--no-new-keyring/s,
    ],
    [
      'with a filter that keeps pivot_root from all',
      administrates,
      inner(noCgroup, ['--no-new-keyring']),
      /pivot_root: operation not permitted.*hint .*--no-pivot/s,
    ],
  ])('tells what is to be done %s', async (_title, options, words, told) => {
    const { status, stderr } = await attempt(options, words);
    expect(stderr).toMatch(told);
    expect(status).toBe(1);
  });
});
