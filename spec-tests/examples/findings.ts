import type { Rows } from './row.ts';

/** What is wrong with a configuration by itself. */
export const findings: Rows = {
  MISSING_PROPERTY: { around: { ociVersion: null }, mended: '`"ociVersion": "1.3.0"`' },
  WRONG_TYPE: { at: '/process', mended: '`"args": ["sh"]`' },
  BAD_INTEGER: { at: '/process/user', mended: '`"uid": 1`' },
  UNKNOWN_VALUE: {
    at: '/linux/namespaces/-',
    around: { hostname: null, linux: { namespaces: [{ type: 'mount' }] } },
    mended: '`{"type": "pid"}`',
  },
  UNKNOWN_PROPERTY: { at: '/linux', mended: '`"rootfsPropagation": "slave"`' },
  DUPLICATE_PROPERTY: { validated: true, at: '/root', mended: '`{"path": "rootfs"}`' },
  NUL_BYTE: { mended: '`"hostname": "a"`' },
  BAD_VERSION: { mended: '`"ociVersion": "1.3.0"`' },
  NEWER_VERSION: { mended: '`"ociVersion": "1.3.0"`' },
  EMPTY: { at: '/process', mended: '`"args": ["sh"]`' },
  NOT_ABSOLUTE: { at: '/process', mended: '`"cwd": "/tmp"`' },
  OUT_OF_RANGE: { at: '/process', mended: '`"oomScoreAdj": 500`' },
  BAD_FORMAT: { at: '/process', mended: '`"env": ["PATH=/bin"]`' },
  DUPLICATE: { at: '/linux', around: { hostname: null }, mended: '`"namespaces": [{"type": "pid"}, {"type": "mount"}]`' },
  NEEDS_NAMESPACE: {
    around: { hostname: null, linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] } },
    mended: '`"hostname": "web", "linux": {"namespaces": [{"type": "uts"}, {"type": "mount"}]}`',
  },
  NOT_MAPPED: {
    around: {
      linux: {
        namespaces: [{ type: 'user' }, { type: 'pid' }, { type: 'mount' }, { type: 'uts' }, { type: 'ipc' }, { type: 'network' }],
        uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
        gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
      },
    },
    at: '/process',
    mended: '`"user": {"uid": 7000, "gid": 0}`',
  },
  NEEDS_PROPERTY: { at: '/linux/resources', mended: '`"memory": {"limit": 134217728, "swap": 134217728}`' },
  CONFLICT: { at: '/process', mended: '`"scheduler": {"policy": "SCHED_OTHER", "nice": 5}`' },
  UNSUPPORTED: { at: '/process', mended: '`"scheduler": {"policy": "SCHED_BATCH"}`' },
  DEPRECATED: { at: '/mounts/-', mended: '`{"destination": "/data", "type": "tmpfs"}`' },
};
