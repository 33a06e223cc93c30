import { asUser, rangeNeeds } from '../harness/plain-user.ts';
import type { Rows } from './row.ts';

const idMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type }));
/** A user namespace with 65536 ids. */
export const mapped = {
  linux: { namespaces: [...namespaces, { type: 'user' }], uidMappings: idMappings, gidMappings: idMappings },
};
/** No namespace of that type, nor what needs it. */
const without = (type: string, change: object = {}): object => ({
  linux: { namespaces: namespaces.filter((each) => each.type !== type) },
  ...change,
});

/** What making the container fails for. */
export const making: Rows = {
  STEP_FAILED: { at: '/process', unforeseen: true, mended: '`"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 512}]`' },
  INIT_STOPPED: { needs: ['/usr/bin/jq'], unforeseen: true, mended: '`"hooks": {"createRuntime": [{"path": "/bin/true"}]}`' },
  INIT_DIED: { needs: ['/usr/bin/jq'], unforeseen: true, mended: '`"hooks": {"createRuntime": [{"path": "/bin/true"}]}`' },
  OOM_KILLED: { at: '/linux/resources', around: { linux: { resources: {} } }, unforeseen: true, mended: '`"memory": {"limit": 67108864}`' },
  MOUNT_FAILED: { at: '/mounts/-', unforeseen: true, mended: '`{"destination": "/data", "type": "tmpfs", "options": ["size=1m"]}`' },
  MOUNT_TYPE_UNKNOWN: { at: '/mounts/-', mended: '`{"destination": "/data", "type": "tmpfs"}`' },
  MOUNT_TYPE_MISSING: { at: '/mounts/-', mended: '`{"destination": "/data", "type": "tmpfs"}`' },
  MOUNT_SOURCE_MISSING: { at: '/mounts/-', mended: '`{"destination": "/data", "source": "/srv", "options": ["bind"]}`' },
  RUNTIME_CLOSED: { mended: '`await runtime.create({ bundle: "." })`' },
  GUARD_USELESS: {
    around: without('pid'),
    mended: '`"linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}, {"type": "network"}]}`',
  },
  STREAMS_NOT_KEPT: {
    stage: 'running',
    mended:
      '`runts delete --force web`, `const kept = await runtime.create({ bundle: ".", id: "other", stdio: "kept" }); await (await runtime.container("other")).attach(); await kept.delete({ force: true })`',
  },
  MOUNT_NAMESPACE_MISSING: { around: without('mount', { mounts: null }), mended: '`"root": {"path": "rootfs"}`' },
  NAMESPACE_OF_HOST: { unforeseen: true, at: '/linux/namespaces/-', around: without('uts'), mended: '`{"type": "uts"}`' },
  MOUNT_INSIDE_PROC: { at: '/mounts/-', mended: '`{"destination": "/data/1", "type": "tmpfs"}`' },
  IDMAP_NOT_SUPPORTED: { at: '/mounts/-', around: mapped, mended: '`{"destination": "/sys/fs/cgroup", "type": "cgroup"}`' },
  IDMAP_FAILED: {
    at: '/mounts/-',
    needs: ['Linux 5.12'],
    around: mapped,
    unforeseen: true,
    mended: '`{"destination": "/data", "source": "/sys", "options": ["bind"]}`',
  },
  NO_PIVOT_PRIVATE: { at: '/linux', mended: '`"rootfsPropagation": "slave"` and `--no-pivot`' },
  USER_FAILED: { around: { process: { user: { uid: 33, gid: 33 } } }, mended: '`runts create web`' },
  ID_MAP_FAILED: {
    at: '/linux',
    caller: (box) => asUser(box, { ranges: false }),
    needs: rangeNeeds,
    around: {
      mounts: [],
      linux: {
        cgroupsPath: null,
        namespaces: [...namespaces, { type: 'user' }],
        gidMappings: [{ containerID: 0, hostID: 4242, size: 1 }],
      },
    },
    unforeseen: true,
    mended: '`"uidMappings": [{"containerID": 0, "hostID": 4242, "size": 1}]`',
  },
  CWD_FAILED: { at: '/process', unforeseen: true, mended: '`"cwd": "/etc"`' },
  CPU_LIST_INVALID: {
    at: '/linux/resources',
    needs: ['/run/systemd/system'],
    around: { linux: { cgroupsPath: ':runts:web', resources: {} } },
    mended: '`"unified": {"cpuset.cpus": "0"}`',
  },
  LABEL_FAILED: {
    needs: ['/sys/kernel/security/apparmor/profiles'],
    at: '/process',
    unforeseen: true,
    mended: '`"apparmorProfile": "unconfined"`',
  },
  APPARMOR_MISSING: { needs: ['a kernel without AppArmor'], at: '/process', mended: '`"apparmorProfile": ""`' },
  SELINUX_MISSING: { needs: ['a kernel without SELinux'], at: '/process', mended: '`"selinuxLabel": ""`' },
  SYSCTL_FAILED: { at: '/linux/sysctl', around: { linux: { sysctl: {} } }, mended: '`"net.ipv4.ip_forward": "1"`' },
  HOOK_FAILED: { unforeseen: true, mended: '`"hooks": {"prestart": [{"path": "/bin/true"}]}`' },
  EXEC_NOT_FOUND: { at: '/process', unforeseen: true, mended: '`"args": ["sh"]`' },
  EXEC_NOT_EXECUTABLE: { at: '/process', unforeseen: true, mended: '`"args": ["/bin/sh"]`' },
  EXEC_FAILED: { around: { process: { args: ['true', ''] } }, needs: ['/usr/bin/jq'], mended: '`runts run web`' },
};
