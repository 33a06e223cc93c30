import type { Rows } from './row.ts';

const ends = { process: { args: ['true'] } };

/** Descriptors and sockets, checkpoints, cgroups. */
export const surroundings: Rows = {
  CRIU_MISSING: { stage: 'running', needs: ['CRIU'], mended: '`runts checkpoint web`' },
  CHECKPOINT_INVALID: { needs: ['CRIU'], mended: '`runts create web; runts start web; runts checkpoint web; runts restore --detach web`' },
  CRIU_FAILED: { stage: 'running', needs: ['CRIU'], mended: '`runts checkpoint web; runts restore --detach web`' },
  CRIU_UNSUPPORTED: { stage: 'running', needs: ['CRIU without memory tracking'], mended: '`runts checkpoint web`' },
  CHECKPOINT_UNSUPPORTED: {
    stage: 'running',
    needs: ['CRIU'],
    around: { hostname: null, mounts: [], linux: { namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }] } },
    mended:
      '`"linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "mount"}]}, "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}]`',
  },
  CONSOLE_SOCKET_MISSING: { at: '/process', mended: '`"terminal": false`' },
  CONSOLE_SOCKET_UNUSED: { around: ends, mended: '`runts run web`' },
  SOCKET_FAILED: { mended: '`runts create web`' },
  DIRECTORY_MISSING: { mended: '`runts create web`' },
  PID_FILE_FAILED: { mended: '`runts create --pid-file web.pid web`' },
  DESCRIPTOR_MISSING: { around: ends, mended: '`runts run --preserve-fds 3 web 3<. 4<. 5<.`' },
  NOTIFY_FAILED: {
    told: 'warning',
    around: { process: { args: ['sh', '-c', 'probe notify READY=1 || true'] } },
    needs: ['probe'],
    mended: '`runts run web`',
  },
  INVALID_CGROUPS_PATH: { needs: ['/run/systemd/system'], at: '/linux', mended: '`"cgroupsPath": ":runts:web"`' },
  CGROUP_FAILED: { at: '/linux/resources', around: { linux: { resources: {} } }, unforeseen: true, mended: '`"cpu": {"cpus": "0"}`' },
  CGROUP_CONTROLLER_MISSING: {
    at: '/linux/resources',
    needs: ['a kernel without the controller rdma'],
    around: { linux: { resources: {} } },
    mended: '`"pids": {"limit": 9}`',
  },
  CGROUP_UNSUPPORTED: { needs: ['cgroup v1'], at: '/linux/resources', around: { linux: { resources: {} } }, mended: '`"devices": []`' },
  CGROUP_FROZEN: {
    stage: 'running',
    needs: ['/usr/bin/jq'],
    mended: '`runts pause web; runts resume web; runts delete --force web; runts create other`',
  },
  CGROUP_NOT_EMPTY: { stage: 'running', mended: '`runts delete --force web; runts create other`' },
  CGROUPS_UNAVAILABLE: {
    at: '/linux/resources',
    around: { linux: { resources: {} } },
    mended: '`"memory": {"limit": 1073741824}` and `runts create web`',
  },
  CGROUP_NOT_MOUNTED: { at: '/mounts/-', mended: '`{"destination": "/sys/fs/cgroup", "type": "cgroup"}` and `runts create web`' },
  CGROUP_INVALID: { stage: 'running', mended: '`runts exec --cgroup / web true`' },
  SYSTEMD_MISSING: { needs: ['a host without systemd'], mended: '`runts --cgroup-manager cgroupfs create web`' },
  INVALID_ANNOTATION: {
    needs: ['/run/systemd/system'],
    around: { linux: { cgroupsPath: ':runts:web' } },
    mended: '`"annotations": {"org.systemd.property.TimeoutStopUSec": "uint64 5000000"}`',
  },
  FREEZE_UNSUPPORTED: { mended: '`runts run --detach web; runts pause web`' },
  BELOW_USAGE: {
    stage: 'running',
    mended: '`echo \'{"memory": {"limit": 67108864, "checkBeforeUpdate": true}}\' | runts update --resources - web`',
  },
  INTEL_RDT_MISSING: { stage: 'running', mended: '`runts update --pids-limit 9 web`' },
  RESCTRL_NOT_MOUNTED: { at: '/linux', mended: '`"sysctl": {}`' },
  NET_DEVICE_FAILED: { unforeseen: true, at: '/linux', mended: '`"netDevices": {}`' },
};
