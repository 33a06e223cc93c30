import type { Rows } from './row.ts';

const ends = { process: { args: ['true'] } };

/** The command line, and the bundle with its configuration. */
export const bundle: Rows = {
  USAGE: { mended: '`runts create web`' },
  COMMAND_UNKNOWN: { stage: 'created', mended: '`runts start web`' },
  LOG_UNREAD: {
    words: /^error: open log: no such device or address$/m,
    mended: '`mkfifo log2; cat log2 >/dev/null & runts --log log2 list`',
  },
  INVALID_ROOT: { mended: '`mkdir -m 700 state; runts --root state list`' },
  INVALID_SIGNAL: { stage: 'running', mended: '`runts kill web STOP`' },
  INVALID_USER: { stage: 'running', mended: '`runts exec --user 33:33 web id`' },
  INVALID_VALUE: { stage: 'running', mended: '`runts update --memory 64m web`' },
  CODE_UNKNOWN: { mended: '`runts errors CWD_FAILED`' },
  ID_INVALID: { mended: '`runts create web`' },
  EXISTS: { mended: '`rm config.json; runts spec`' },
  BUNDLE_MISSING: { around: ends, mended: '`runts run --bundle . web`' },
  CONFIG_MISSING: { around: ends, mended: '`runts run --bundle . web`' },
  CONFIG_TOO_LARGE: { around: ends, mended: '`runts run --config config.json web`' },
  INVALID_JSON: { mended: '`"ociVersion": "1.3.0"`' },
  INVALID_SPEC: { unforeseen: true, at: '/process', mended: '`"cwd": "/tmp"`' },
  INVALID_PROCESS: { stage: 'running', mended: '`runts exec --cwd /tmp web ls`' },
  INVALID_RESOURCES: { stage: 'running', mended: '`echo \'{"memory": {"limit": 67108864}}\' | runts update --resources - web`' },
  PROCESS_UNREADABLE: {
    stage: 'running',
    mended: '`echo \'{"args": ["ls"], "cwd": "/"}\' >process.json; runts exec --process process.json web`',
  },
  RESOURCES_UNREADABLE: { stage: 'running', mended: '`echo {} >resources.json; runts update --resources resources.json web`' },
  ROOTFS_MISSING: { mended: '`"root": {"path": "rootfs"}`' },
  KERNEL_TOO_OLD: {
    needs: ['Linux before 5.14'],
    at: '/mounts/-',
    mended: '`{"destination": "/data", "source": "/srv", "options": ["bind"]}`',
  },
  PROC_NOT_MOUNTED: { mended: "`unshare --mount sh -c 'umount -l /proc; mount -t proc proc /proc; runts create web'`" },
};
