import { asUser, rangeNeeds } from '../harness/plain-user.ts';
import { mapped } from './making.ts';
import type { Rows } from './row.ts';

/** What is warned of. */
export const warnings: Rows = {
  CAPABILITY_IGNORED: { at: '/process/capabilities', mended: '`"bounding": ["CAP_KILL"]`' },
  AMBIENT_CAPABILITY_IGNORED: {
    at: '/process/capabilities',
    around: { process: { capabilities: null } },
    mended: '`"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]`',
  },
  KERNEL_MEMORY_IGNORED: { at: '/linux/resources', around: { linux: { resources: {} } }, mended: '`"memory": {"limit": 67108864}`' },
  NO_CGROUP: { around: { process: { args: ['true'] } }, mended: '`runts run web`' },
  SECCOMP_UNKNOWN_SYSCALL: {
    at: '/linux/seccomp/syscalls/0',
    around: { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ action: 'SCMP_ACT_LOG', names: ['open'] }] } } },
    mended: '`"names": ["open"]`',
  },
  MOUNT_OPTION_IGNORED: { at: '/mounts/-', mended: '`{"destination": "/data", "source": "/srv", "options": ["bind"]}`' },
  DEVICE_OF_HOST: { at: '/linux/devices/-', mended: '`{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5}`' },
  DEVICE_OWNER_UNMAPPED: { at: '/linux/devices/-', around: mapped, mended: '`{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5}`' },
  PROCESS_NOT_SAVED: { stage: 'running', needs: ['CRIU'], mended: '`runts checkpoint web`' },
  USER_NAMESPACE_ADDED: {
    caller: (box) => asUser(box),
    needs: rangeNeeds,
    around: { mounts: [], linux: { cgroupsPath: null } },
    mended:
      '`"linux": {"namespaces": [{"type": "user"}, {"type": "pid"}, {"type": "mount"}, {"type": "uts"}], "uidMappings": [{"containerID": 0, "hostID": 4242, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 4242, "size": 1}]}`',
  },
  CGROUP_SHARED: {
    needs: ['cgroup v1'],
    stage: 'running',
    after: 'cd /sys/fs/cgroup/pids; [ -d web/ ] || exit 0; kill $(cat web/cgroup.procs); until rmdir web; do :; done',
    mended: '`runts delete --force web`',
  },
  POSTSTOP_FAILED: { mended: '`"hooks": {"poststop": [{"path": "/bin/true"}]}`' },
  OWNERS_UNKNOWN: { stage: 'created', mended: '`runts list`' },
};
