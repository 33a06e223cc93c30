import { ENOSYS } from '../kernel.gen.ts';
import { forEachSyscall } from '../spec/seccomp/syscalls/syscalls.ts';
import type { LinuxSeccomp } from '../spec/types.ts';

/** System calls that a program without privileges does well without, by what they reach. Whatever Linux gets later is refused as well. */
const refused = new Set(
  [
    // Mounts, and what finds files by other ways than paths.
    'mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick fsinfo move_mount open_tree open_tree_attr mount_setattr statmount listmount',
    'open_by_handle_at name_to_handle_at quotactl quotactl_fd fanotify_init fanotify_mark lookup_dcookie',
    // Namespaces, in which everybody is root.
    'unshare setns',
    // Other processes.
    'ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp',
    // The kernel, its clocks and its logs.
    'bpf perf_event_open kexec_load kexec_file_load init_module finit_module delete_module create_module query_module get_kernel_syms',
    'reboot swapon swapoff acct syslog nfsservctl uselib ustat sysfs _sysctl vhangup',
    'settimeofday clock_settime clock_adjtime adjtimex stime sethostname setdomainname',
    // Interfaces with a long history of holes.
    'io_uring_setup io_uring_enter io_uring_register userfaultfd keyctl add_key request_key vmsplice modify_ldt iopl ioperm',
    'mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node personality memfd_secret remap_file_pages',
    // Told apart by their arguments below.
    'clone clone3 socket',
  ].flatMap((line) => line.split(' ')),
);

function allowed(): string[] {
  const names = new Set<string>();
  for (const table of ['x86_64', 'aarch64'] as const) {
    forEachSyscall(table, (name) => {
      if (!refused.has(name)) names.add(name);
    });
  }
  return [...names].sort();
}

/** CLONE_NEW* of clone(2). */
const NEW_NAMESPACES = 0x7e02_0000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; not AF_VSOCK, which leads to the host of a virtual machine past every network namespace. */
const families = [1, 2, 10, 16];

/** The filter of sandboxes: what is not named is an EPERM. The C library takes the ENOSYS of clone3, whose flags no filter sees, for an older kernel. */
export const sandboxFilter: LinuxSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [
    { names: allowed(), action: 'SCMP_ACT_ALLOW' },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }] },
    ...families.map((value) => ({
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW' as const,
      args: [{ index: 0, value, op: 'SCMP_CMP_EQ' as const }],
    })),
  ],
};
