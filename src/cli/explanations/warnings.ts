import type { Chapter } from './explanation.ts';

export const warnings = {
  kind: 'warning',
  title: 'Warnings',
  codes: {
    CAPABILITY_IGNORED: [
      'a capability that does not exist or cannot be granted',
      'the kernel does not know it, or runts itself has not got it',
      '`"bounding": ["CAP_FLY"]`',
      'leave it out, or give it to the outer container',
    ],
    AMBIENT_CAPABILITY_IGNORED: [
      'an ambient capability that is not permitted and inheritable',
      'the kernel takes no others (capabilities(7))',
      '`"ambient": ["CAP_KILL"]` alone',
      'add it to `permitted` and `inheritable`',
    ],
    KERNEL_MEMORY_IGNORED: [
      'limits of kernel memory have no effect any more',
      'the kernel has dropped them',
      '`"memory": {"kernel": 1048576}`',
      'leave them out: `limit` counts kernel memory too',
    ],
    NO_CGROUP: [
      'the container runs in the cgroup of the runtime',
      'this user may make none, or the cgroup manager is disabled',
      '`runts --cgroup-manager disabled run web`',
      '`runts doctor` names the cure',
    ],
    USER_NAMESPACE_ADDED: [
      'a user without privileges has a configuration without a user namespace; it gets one',
      'only in one of his own may he make a container',
      '`runts create web` by a user, without a namespace of the type `user`',
      '`runts spec --rootless` writes one that has it',
    ],
    SECCOMP_UNKNOWN_SYSCALL: [
      'a system call that no architecture has',
      'a misspelt name, or one newer than this runts; the rule is ignored for it',
      '`"names": ["opne"]`',
      'mend the name',
    ],
    SECCOMP_NAMELESS_CALLS: [
      'system calls that `seccomp record` has seen and knows no name of',
      'they are newer than this runts, or do not exist; a profile permits calls by their names',
      'a program that tries number 9999 to see what happens',
      'nothing where the program copes with a refusal; else a later runts',
    ],
    MOUNT_OPTION_IGNORED: [
      'an option for a filesystem at a bind mount, or at a remount of the cgroup filesystem, which is that of the whole machine',
      'a bind mount shows a filesystem that is mounted already',
      '`{"destination": "/data", "source": "/srv", "options": ["bind", "size=1m"]}`',
      'leave it out',
    ],
    DEVICE_OF_HOST: [
      "a device with an owner or a mode of its own, where only the host's can be bound",
      'nobody can make device nodes in a user namespace',
      '`{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5, "fileMode": 384}` and `setpriv --bounding-set=-mknod runts create web`',
      'leave owner and mode out, or change them on the host',
    ],
    DEVICE_OWNER_UNMAPPED: [
      'a device for a user or a group that the user namespace does not have',
      'it has no id there',
      '`{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5, "gid": 70000}` with 65536 mapped ids',
      'map the id',
    ],
    PROCESS_NOT_SAVED: [
      'a checkpoint leaves out what `exec` has started: CRIU saves what descends from the first process',
      'its parent is outside of the container',
      '`runts exec --detach web sleep 9; runts checkpoint web`',
      'end it before, and start it after the restore',
    ],
    LABEL_NOT_SAVED: [
      "CRIU has saved nothing of the container's AppArmor profile or SELinux label; `restore` refuses such images while the configuration names one",
      'CRIU is often built without SELinux',
      '`"selinuxLabel": "system_u:system_r:container_t:s0"`, and `runts checkpoint web`',
      'save it by a CRIU that is built with SELinux',
    ],
    POSTSTOP_FAILED: [
      'a poststop hook failed',
      'the container is deleted all the same',
      '`"hooks": {"poststop": [{"path": "/bin/false"}]}` and `runts create web; runts delete --force web`',
      'run the hook by hand, with the state on stdin',
    ],
    OWNERS_UNKNOWN: [
      '`list` shows owners as numbers: /etc/passwd cannot be read',
      'a host without it, or where it is not for this user',
      "`unshare --mount sh -c 'mount -t tmpfs none /etc; mkdir /etc/passwd; runts list'`",
      'none is needed',
    ],
    CGROUP_SHARED: [
      'the cgroup of a deleted container stays, because processes of others are in it',
      'they would be moved or killed',
      '`sleep 99 & echo $! >/sys/fs/cgroup/pids/web/cgroup.procs; runts delete --force web`',
      'end or move them, then `rmdir` it',
    ],
    CLEANUP_FAILED: [
      'a part of a failed create could not be undone, or the process of a failed exec outlived SIGKILL',
      'the message names what is left, and why',
      'a process in the state D',
      'mend the cause, then `runts delete --force`',
    ],
    ROLL_BACK_FAILED: [
      'a limit could not be set back after a failed `update`',
      'the container uses more than the old limit by now',
      '`runts update` of several limits, of which one is refused',
      '`runts update` to the limits that should hold',
    ],
    INIT_WARNING: [
      'init met something odd',
      'a part of the configuration could not be had, and is not needed to be safe',
      'the message says what',
      'see the message',
    ],
  },
} as const satisfies Chapter;
