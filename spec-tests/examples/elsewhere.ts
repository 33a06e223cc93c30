const heldInTheKernel = 'a process that sleeps deaf to SIGKILL takes a filesystem of its own: kill-delete.spec.ts';

/** Codes whose examples are not tried here, and why; each is another thing that this machine would have to have, or be. */
export const elsewhere: Readonly<Record<string, string>> = {
  ADDON_MISSING: 'a package of npm, installed without its addon: library/package.spec.ts',
  ADDON_UNLOADABLE: 'a package of npm with an addon for another machine: library/package.spec.ts',
  CGROUP_BUSY: heldInTheKernel,
  CLEANUP_FAILED: heldInTheKernel,
  CONTAINER_BUSY: 'it comes after a minute: hanging-hooks.spec.ts holds the lock',
  CONTAINER_DELETED: 'two commands in a race: kill-delete.spec.ts',
  FREEZE_TIMEOUT: heldInTheKernel,
  GUARD_FAILED: 'a library in a container without CAP_SYS_ADMIN: library/rootless.spec.ts',
  INIT_FAILED: 'a filter or a security module around runts: filtered-init.spec.ts',
  INIT_WARNING: 'the example names no cause',
  INTERNAL: 'no example is known',
  KILL_TIMEOUT: heldInTheKernel,
  LABEL_NOT_SAVED: 'a kernel with SELinux, and a CRIU without: checkpoint-lsm.spec.ts',
  MOUNT_BUSY: 'a race with whoever mounts all the time: host-mounts.spec.ts',
  RESCTRL_FAILED: 'a processor with resctrl',
  RESCTRL_GROUP_MISSING: 'a processor with resctrl',
  RESCTRL_MISMATCH: 'a processor with resctrl',
  ROLL_BACK_FAILED: 'a container that uses more than its old limit just then: update-failures.spec.ts',
  SECCOMP_NAMELESS_CALLS: 'a program that tries numbers: seccomp-record.spec.ts',
  SECCOMP_RECORDING_FAILED: 'a recorder that is killed: seccomp-record.spec.ts',
  SECCOMP_UNSUPPORTED_MACHINE: 'a processor without a table of system calls',
  SYSTEMD_FAILED: 'a bus that answers as it is told: systemd-bus.spec.ts',
};
