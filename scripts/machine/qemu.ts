import type { Options } from './options.ts';

export interface Files {
  readonly image: string;
  readonly initramfs: string;
  /** Of the size that the options say. */
  readonly diskFile: string;
  /** What the kernel says. */
  readonly log: string;
  /** The command's status, in decimal. */
  readonly status: string;
}

/** Hardware's virtualization, or QEMU's own emulation. */
export type Accelerator = 'kvm' | 'tcg';

/** A folder of this machine; a process of the other writes there as root does here. */
function shared(id: string, folder: string, readonly: boolean): string[] {
  // Several file systems lie below one root: their inode numbers are told apart.
  const fsdev = `local,id=${id},path=${folder},security_model=none,multidevs=remap,readonly=${readonly ? 'on' : 'off'}`;
  return ['-fsdev', fsdev, '-device', `virtio-9p-pci,fsdev=${id},mount_tag=${id}`];
}

export function qemuArguments(accelerator: Accelerator, options: Options, { image, initramfs, diskFile, log, status }: Files): string[] {
  const { shares, disk, cpus, memory, append } = options;
  return [
    ...['-machine', 'q35', '-accel', accelerator, '-cpu', 'max', '-smp', cpus, '-m', memory],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-nic', 'none'],
    ...['-kernel', image, '-initrd', initramfs, '-append', `console=ttyS0 loglevel=4 panic=-1 mitigations=off ${append}`],
    ...['-serial', `file:${log}`, '-serial', 'stdio', '-serial', `file:${status}`],
    ...shared('host', '/', true),
    ...shares.flatMap((folder, index) => shared(`share${index}`, folder, false)),
    ...(disk === undefined ? [] : ['-drive', `file=${diskFile},format=raw,if=virtio,cache=unsafe`]),
  ];
}
