import type { Options } from './options.ts';
import { type Processor, processors } from './processors.ts';

export interface Files {
  readonly image: string;
  readonly initramfs: string;
  /** Of the size that the options say. */
  readonly diskFile: string;
  /** Folder that is its root, below a tmpfs that takes every change. */
  readonly root: string;
  /** What the kernel says. */
  readonly log: string;
  /** The command's status, in decimal. */
  readonly status: string;
}

/** Hardware's virtualization, or QEMU's own emulation. */
export type Accelerator = 'kvm' | 'tcg';

/** One thread for all processors: a thread for each may run code that another has just changed, which ended Node and Debian's kernels now and then. */
const accelerations = { kvm: 'kvm', tcg: 'tcg,thread=single' } as const;

/** A folder of this machine; a process of the other writes there as root does here. */
function shared(id: string, folder: string, readonly: boolean): string[] {
  // Several file systems lie below one root: their inode numbers are told apart.
  const fsdev = `local,id=${id},path=${folder},security_model=none,multidevs=remap,readonly=${readonly ? 'on' : 'off'}`;
  return ['-fsdev', fsdev, '-device', `virtio-9p-pci,fsdev=${id},mount_tag=${id}`];
}

/** The second and the third serial port, where a machine has several. */
const onBoard = (status: string): string[] => ['-serial', 'stdio', '-serial', `file:${status}`];

/** The first and the second of a machine that has one, of another kind, on its board. */
const onBus = (status: string): string[] => [
  ...['-chardev', 'stdio,id=output,signal=off', '-device', 'pci-serial,chardev=output'],
  ...['-chardev', `file,id=status,path=${status}`, '-device', 'pci-serial,chardev=status'],
];

export function qemuArguments(
  accelerator: Accelerator,
  options: Options,
  { image, initramfs, diskFile, root, log, status }: Files,
): string[] {
  const { shares, shown, disk, cpus, memory, append } = options;
  const processor: Processor = processors[options.processor];
  return [
    ...['-machine', processor.machine, '-cpu', accelerator === 'kvm' ? 'max' : processor.emulated],
    ...['-accel', accelerations[accelerator], '-smp', cpus, '-m', memory],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-nic', 'none'],
    ...['-kernel', image, '-initrd', initramfs, '-append', `console=${processor.ports[0]} loglevel=4 panic=-1 mitigations=off ${append}`],
    ...['-serial', `file:${log}`, ...(options.processor === 'x86_64' ? onBoard(status) : onBus(status))],
    ...shared('host', root, true),
    ...shares.flatMap((folder, index) => shared(`share${index}`, folder, false)),
    ...shown.flatMap((folder, index) => shared(`shown${index}`, folder, true)),
    ...(disk === undefined ? [] : ['-drive', `file=${diskFile},format=raw,if=virtio,cache=unsafe`]),
  ];
}
