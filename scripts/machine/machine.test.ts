import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Unavailable } from '../unavailable.js';
import { commandScript, inOrder } from './initramfs.ts';
import { findKernel } from './kernel.ts';
import { readOptions } from './options.ts';
import { processors } from './processors.ts';
import { type Accelerator, qemuArguments } from './qemu.ts';

const files = { image: 'image', initramfs: 'initramfs', diskFile: 'disk', root: '/', log: 'log', status: 'status' };

describe('the command line of the machine', () => {
  test('what is not said has a value', () => {
    const options = readOptions(['--', 'true']);
    expect(options).toMatchObject({
      processor: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
      packages: [],
      kernel: 'bookworm',
      timeout: 3000,
      shares: [],
      disk: undefined,
      append: 'apparmor=0',
      env: {},
      command: ['true'],
    });
  });

  test('what follows -- is the command, whatever it looks like', () => {
    expect(readOptions(['--env', 'A=b=c', '--env', 'B=', '--share', '/a', '--', 'sh', '--timeout', '3', '-c']).command).toEqual([
      ...['sh', '--timeout', '3', '-c'],
    ]);
    expect(readOptions(['--env', 'A=b=c', '--env', 'B=', '--', 'x']).env).toEqual({ A: 'b=c', B: '' });
  });

  test.each([
    [[], 'no command'],
    [['--timeout', 'x', '--', 'true'], 'no number of seconds'],
    [['--timeout', '0', '--', 'true'], 'no number of seconds'],
    [['--share', 'build', '--', 'true'], 'no absolute path'],
    [['--tmpfs', '/a b', '--', 'true'], 'no absolute path'],
    [['--env', 'A', '--', 'true'], 'not NAME=VALUE'],
    [['--kernel', '../x', '--', 'true'], 'no release of Debian'],
    [['--systemd', '--', 'true'], '--systemd'],
    [['--arch', 'riscv64', '--', 'true'], 'none of x86_64, aarch64'],
    [['--packages', 'a;b', '--', 'true'], 'no names of packages'],
    [['--show', 'here', '--', 'true'], 'no absolute path'],
  ])('%j is refused', (args, words) => {
    expect(() => readOptions(args)).toThrow(words);
    expect(() => readOptions(args)).toThrow('usage:');
  });
});

describe('QEMU', () => {
  test('has the root of the host read only, and the folders that are shared not so', () => {
    const fsdevs = qemuArguments('tcg', readOptions(['--share', '/a', '--share', '/b', '--', 'x']), files).filter((word) =>
      word.startsWith('local,'),
    );
    expect(fsdevs.map((word) => /path=([^,]*).*readonly=(\w+)/.exec(word)?.slice(1))).toEqual([
      ['/', 'on'],
      ['/a', 'off'],
      ['/b', 'off'],
    ]);
  });

  test('has a disk when one was asked for', () => {
    const disks = (...args: string[]) => qemuArguments('kvm', readOptions([...args, '--', 'x']), files).filter((word) => word === '-drive');
    expect([disks(), disks('--disk', '64M')]).toEqual([[], ['-drive']]);
  });

  test('of another processor has that, what is shown read only, and ports for output and status', () => {
    const options = readOptions(['--arch', 'aarch64', '--share', '/a', '--show', '/b', '--', 'x']);
    const words = qemuArguments('tcg', options, { ...files, root: '/elsewhere' });
    expect(words.join(' ')).toMatch(
      /-machine virt,.*console=ttyAMA0 .*-device pci-serial,chardev=output.*-device pci-serial,chardev=status/,
    );
    const fsdevs = words.filter((word) => word.startsWith('local,')).map((word) => /path=([^,]*).*readonly=(\w+)/.exec(word)?.slice(1));
    expect(fsdevs).toEqual([
      ['/elsewhere', 'on'],
      ['/a', 'off'],
      ['/b', 'on'],
    ]);
  });

  test('emulates all processors in one thread, and those of an old model', () => {
    const words = (accelerator: Accelerator) => qemuArguments(accelerator, readOptions(['--', 'x']), files).join(' ');
    expect(words('tcg')).toContain('-cpu Nehalem -accel tcg,thread=single -smp 2');
    expect(words('kvm')).toContain('-cpu max -accel kvm -smp 2');
  });

  test('has a network in no case', () => {
    expect(qemuArguments('kvm', readOptions(['--', 'x']), files).join(' ')).toContain('-nic none');
  });
});

describe('the first root', () => {
  const dependencies = [
    'kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko',
    'kernel/net/9p/9pnet_virtio.ko.xz: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko kernel/net/9p/9pnet.ko',
    'kernel/fs/over-lay.ko:',
  ].join('\n');

  test('has every module behind what it needs, and once', () => {
    expect(inOrder(dependencies, ['9p', '9pnet_virtio', 'over_lay'])).toEqual([
      'kernel/fs/netfs/netfs.ko',
      'kernel/net/9p/9pnet.ko',
      'kernel/fs/9p/9p.ko',
      'kernel/drivers/virtio/virtio_ring.ko',
      'kernel/drivers/virtio/virtio.ko',
      'kernel/net/9p/9pnet_virtio.ko.xz',
      'kernel/fs/over-lay.ko',
    ]);
  });

  test('is not made of a kernel that cannot reach the files', () => {
    expect(() => inOrder('kernel/fs/9p/9p.ko:\n', ['9p', 'overlay'])).toThrow('no module overlay');
  });

  test('hands words to the command as they are', () => {
    const script = commandScript(readOptions(['--env', "A=it's $HOME", '--', 'echo', "a'b", '$(id)', '']), '/a b');
    expect(script).toContain(`export A='it'\\''s $HOME'\ncd '/a b'\n`);
    expect(script).toContain(`{ 'echo' 'a'\\''b' '$(id)' ''; status=$?; `);
  });

  test.each([
    [137, true],
    [1, false],
  ])('has the kernel’s last words after status %d: %s', (status, told) => {
    const script = commandScript(readOptions(['--', 'sh', '-c', `exit ${status}`]), '/')
      .replaceAll('/run/busybox dmesg', 'echo dmesg')
      .replaceAll(/>\/dev\/tty\w+/g, '')
      .replace(/^.*(stty|sync|poweroff).*\n/gm, '')
      .replaceAll('/run/busybox ', '');
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${told ? 'dmesg\n' : ''}${status}\n`);
  });
});

describe('the kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runts-kernels-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());

  /** What apt-get is while a test runs. */
  function stubApt(script: string): void {
    writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    vi.stubEnv('XDG_CACHE_HOME', folder);
  }

  test.each([
    ['there is no network', 'echo "E: Could not resolve the archive" >&2; exit 100', 'E: Could not resolve the archive'],
    ['the packages are those of somebody else', 'exit 0', "this machine does not have Debian's packages"],
  ])('cannot be had where %s, and nothing is left of the attempt', (_title, script, words) => {
    stubApt(script);
    expect(() => findKernel('bookworm', processors.x86_64)).toThrow(Unavailable);
    expect(() => findKernel('bookworm', processors.x86_64)).toThrow(words);
    expect(existsSync(join(folder, 'runts/kernels')) ? readdirSync(join(folder, 'runts/kernels')) : []).toEqual([]);
  });

  test('of the cache needs no network', () => {
    stubApt('exit 100');
    const boot = join(folder, 'runts/kernels/trixie/boot');
    mkdirSync(boot, { recursive: true });
    for (const name of ['System.map-6.12', 'vmlinuz-6.12']) writeFileSync(join(boot, name), '');
    expect(findKernel('trixie', processors.x86_64)).toMatchObject({ release: '6.12', image: join(boot, 'vmlinuz-6.12') });
    expect(() => findKernel('trixie', processors.aarch64)).toThrow(Unavailable);
  });
});
