// The names whose numbers src/kernel.gen.ts holds. All of them are the same on every processor that runts runs on: what is not
// (O_DIRECTORY, O_NOFOLLOW, numbers of system calls) is known to the C++ alone.

export interface Group {
  /** One each: some headers cannot be had together. */
  readonly header: string;
  /** Names of constants; with `expressions`, names of our own. */
  readonly names: readonly string[];
  /** What the header has for a name that is ours. */
  readonly expressions?: Readonly<Record<string, string>>;
  /** Name of one object with all of them, for what is looked up by name; otherwise each is exported by itself. */
  readonly table?: string;
  /** 64-bit words in the plan's ABI are bigint. */
  readonly wide?: true;
}

const after = (prefix: string, names: string): string[] => names.split(' ').map((name) => prefix + name);

/** Offsets of a struct's members: STRUCT_MEMBER. */
function offsets(header: string, struct: string, prefix: string, members: string): Group {
  const expressions = members
    .split(' ')
    .map((member): [string, string] => [`${prefix}_${member.toUpperCase()}`, `offsetof(struct ${struct}, ${member})`]);
  return { header, names: expressions.map(([name]) => name), expressions: Object.fromEntries(expressions) };
}

const capabilities =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE';

const limits = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME';

const socketCalls =
  'SOCKET BIND CONNECT LISTEN ACCEPT GETSOCKNAME GETPEERNAME SOCKETPAIR SEND RECV SENDTO RECVFROM SHUTDOWN SETSOCKOPT GETSOCKOPT ' +
  'SENDMSG RECVMSG ACCEPT4 RECVMMSG SENDMMSG';

const ipcCalls = 'SEMOP SEMGET SEMCTL SEMTIMEDOP MSGSND MSGRCV MSGGET MSGCTL SHMAT SHMDT SHMGET SHMCTL';

const auditArchitectures =
  'X86_64 I386 AARCH64 ARM RISCV64 LOONGARCH64 PPC64LE PPC64 PPC S390X S390 MIPSEL MIPSEL64 MIPSEL64N32 MIPS MIPS64 MIPS64N32 ' +
  'PARISC PARISC64 M68K SHEL SH';

const machines = 'SPARC 386 MIPS PPC PPC64 S390 ARM SPARCV9 X86_64 AARCH64 RISCV LOONGARCH';

const signals =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM ' +
  'PROF WINCH IO PWR SYS';

const filesystems =
  'EXT4_SUPER_MAGIC BTRFS_SUPER_MAGIC TMPFS_MAGIC OVERLAYFS_SUPER_MAGIC NFS_SUPER_MAGIC FUSE_SUPER_MAGIC MSDOS_SUPER_MAGIC ' +
  'EXFAT_SUPER_MAGIC F2FS_SUPER_MAGIC EROFS_SUPER_MAGIC_V1 SQUASHFS_MAGIC ISOFS_SUPER_MAGIC V9FS_MAGIC PROC_SUPER_MAGIC SYSFS_MAGIC ' +
  'DEVPTS_SUPER_MAGIC CGROUP_SUPER_MAGIC CGROUP2_SUPER_MAGIC HUGETLBFS_MAGIC RAMFS_MAGIC DEBUGFS_MAGIC TRACEFS_MAGIC BPF_FS_MAGIC';

export const groups: readonly Group[] = [
  { header: 'linux/sched.h', names: after('CLONE_', 'NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET PARENT') },
  {
    header: 'linux/sched.h',
    table: 'schedulerPolicies',
    names: after('SCHED_', 'OTHER FIFO RR BATCH IDLE DEADLINE'),
    // The kernel's name for what sched(7) and the C library call OTHER.
    expressions: { SCHED_OTHER: 'SCHED_NORMAL' },
  },
  {
    header: 'linux/sched.h',
    table: 'schedulerFlags',
    wide: true,
    names: after('SCHED_FLAG_', 'RESET_ON_FORK RECLAIM DL_OVERRUN KEEP_POLICY KEEP_PARAMS UTIL_CLAMP_MIN UTIL_CLAMP_MAX'),
  },
  { header: 'linux/ioprio.h', names: after('IOPRIO_CLASS_', 'SHIFT RT BE IDLE') },
  {
    header: 'linux/mempolicy.h',
    names: after('MPOL_', 'DEFAULT PREFERRED BIND INTERLEAVE LOCAL PREFERRED_MANY WEIGHTED_INTERLEAVE'),
  },
  {
    header: 'linux/mempolicy.h',
    table: 'memoryPolicyFlags',
    names: after('MPOL_F_', 'STATIC_NODES RELATIVE_NODES NUMA_BALANCING'),
  },
  { header: 'linux/personality.h', names: ['PER_LINUX', 'PER_LINUX32'] },
  { header: 'linux/resource.h', table: 'rlimitNumbers', names: after('RLIMIT_', limits) },
  { header: 'linux/capability.h', table: 'capabilityNumbers', names: after('CAP_', capabilities) },
  {
    header: 'linux/mount.h',
    wide: true,
    names: [
      ...after('MS_', 'RDONLY NOSUID NODEV NOEXEC SYNCHRONOUS MANDLOCK DIRSYNC NOSYMFOLLOW NOATIME NODIRATIME REC SILENT UNBINDABLE'),
      ...after('MS_', 'PRIVATE SLAVE SHARED I_VERSION STRICTATIME LAZYTIME'),
      ...after('MOUNT_ATTR_', 'RDONLY NOSUID NODEV NOEXEC _ATIME RELATIME NOATIME STRICTATIME NODIRATIME IDMAP NOSYMFOLLOW'),
    ],
  },
  {
    header: 'linux/seccomp.h',
    names: after('SECCOMP_RET_', 'KILL_PROCESS KILL_THREAD TRAP ERRNO USER_NOTIF TRACE LOG ALLOW ACTION ACTION_FULL DATA'),
  },
  {
    header: 'linux/seccomp.h',
    wide: true,
    names: after('SECCOMP_FILTER_FLAG_', 'LOG SPEC_ALLOW NEW_LISTENER WAIT_KILLABLE_RECV'),
  },
  offsets('linux/seccomp.h', 'seccomp_data', 'SECCOMP_DATA', 'nr arch args'),
  { header: 'linux/seccomp.h', names: ['SECCOMP_DATA_SIZE'], expressions: { SECCOMP_DATA_SIZE: 'sizeof(struct seccomp_data)' } },
  { header: 'linux/filter.h', names: after('BPF_', 'LD ALU JMP RET W ABS K AND JA JEQ JGT JGE JSET MAXINSNS') },
  {
    header: 'linux/bpf.h',
    names: after('BPF_', 'LDX ALU64 MEM X MOV RSH JNE EXIT DEVCG_ACC_MKNOD DEVCG_ACC_READ DEVCG_ACC_WRITE DEVCG_DEV_BLOCK DEVCG_DEV_CHAR'),
  },
  offsets('linux/bpf.h', 'bpf_cgroup_dev_ctx', 'BPF_CGROUP_DEV_CTX', 'access_type major minor'),
  { header: 'linux/audit.h', table: 'auditArchitectures', names: after('AUDIT_ARCH_', auditArchitectures) },
  { header: 'linux/audit.h', names: ['__AUDIT_ARCH_LE'] },
  { header: 'asm/unistd.h', names: ['__X32_SYSCALL_BIT'] },
  { header: 'linux/net.h', table: 'socketCalls', names: after('SYS_', socketCalls) },
  { header: 'linux/ipc.h', table: 'ipcCalls', names: ipcCalls.split(' ') },
  { header: 'linux/elf-em.h', table: 'elfMachines', names: after('EM_', machines) },
  { header: 'elf.h', names: ['PT_INTERP'] },
  { header: 'linux/magic.h', table: 'filesystemMagics', names: filesystems.split(' ') },
  { header: 'linux/utsname.h', names: ['__NEW_UTS_LEN'] },
  { header: 'linux/if.h', names: ['IFNAMSIZ'] },
  { header: 'linux/limits.h', names: ['NGROUPS_MAX'] },
  { header: 'asm/ioctls.h', names: ['TIOCSCTTY'] },
  { header: 'sys/mount.h', names: ['MNT_DETACH'] },
  { header: 'sys/stat.h', names: after('S_IF', 'MT IFO CHR BLK REG') },
  { header: 'fcntl.h', names: after('O_', 'RDONLY WRONLY RDWR CREAT APPEND NONBLOCK CLOEXEC PATH') },
  { header: 'signal.h', names: after('SIG', 'KILL CHLD SYS') },
  {
    header: 'signal.h',
    table: 'signalNumbers',
    names: [...after('SIG', signals), ...after('SIG', 'IOT CLD POLL')],
  },
  { header: 'signal.h', names: ['SIGRTMIN', 'SIGRTMAX'] },
  { header: 'errno.h', names: after('E', 'PERM NOENT NOEXEC NOMEM ACCES EXIST NODEV NOTDIR ISDIR INVAL NOSYS LOOP') },
];
