import type { Rows } from './row.ts';

/** What the state of a container does not allow, ps and seccomp's questions. */
export const state: Rows = {
  ROOT_UNWRITABLE: { mended: '`runts --root state create web; runts --root state delete --force web`' },
  CONTAINER_UNKNOWN: { stage: 'created', mended: '`runts state web`' },
  ID_TAKEN: { mended: '`runts create web; runts delete --force web; runts create web`' },
  STATE_DAMAGED: { stage: 'created', mended: '`runts state web`' },
  STATE_VERSION: {
    stage: 'created',
    after: 'sed -i \'s/"formatVersion":2/"formatVersion":1/\' /run/runts/web/state.json',
    mended: '`runts state web`',
  },
  NOT_CREATED: { stage: 'created', mended: '`runts start web`' },
  NOT_RUNNING: { stage: 'stopped', mended: '`runts delete web; runts run --detach web; runts exec web ls`' },
  NOT_STOPPED: { stage: 'running', mended: '`runts delete --force web`' },
  PAUSED: { stage: 'running', mended: '`runts pause web; runts resume web; runts exec web ls`' },
  NOT_PAUSED: { stage: 'running', mended: '`runts pause web; runts resume web`' },
  PROCESS_MISSING: {
    stage: 'created',
    around: { process: null },
    mended: '`"process": {"args": ["true"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}`',
  },
  SECCOMP_CONFLICT: {
    at: '/linux/seccomp',
    around: { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
    mended: '`"syscalls": [{"names": ["kill"], "action": "SCMP_ACT_LOG"}]`',
  },
  SECCOMP_TOO_LARGE: {
    needs: ['/usr/bin/jq'],
    around: { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
    mended: '`runts create web`',
  },
  PS_NOT_FOUND: { stage: 'running', before: 'rm rootfs/bin/ps', needs: ['the executable'], mended: '`runts ps web`' },
  SECCOMP_PROFILE_UNUSABLE: {
    around: { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
    mended: '`runts seccomp compare config.json .`',
  },
  SECCOMP_UNRECORDABLE: {
    at: '/linux/seccomp',
    around: { process: { args: ['true'] }, linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } },
    mended: '`"syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO"}]`',
  },
  SECCOMP_MISSING: { mended: '`"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}}`' },
  SYSCALL_UNKNOWN: { around: { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } }, mended: '`runts seccomp explain . open`' },
  PS_FAILED: { stage: 'running', mended: '`runts ps web -ef`' },
  PS_NO_PID: { stage: 'running', mended: '`runts ps web -o pid,args`' },
};
