import type { Chapter } from './explanation.ts';

export const bundle = {
  kind: 'failure',
  title: 'The bundle and its configuration',
  codes: {
    BUNDLE_MISSING: [
      'the bundle directory does not exist',
      'without `--bundle` it is the working directory',
      '`runts run --bundle nowhere web`',
      'name the directory that holds config.json',
    ],
    CONFIG_MISSING: [
      'the bundle has no config.json',
      'the wrong directory, or one that was not unpacked as a bundle',
      '`runts run --bundle rootfs web`',
      '`runts spec --bundle DIR` writes one',
    ],
    CONFIG_TOO_LARGE: [
      'config.json, or a file that was given in its place or to `exec` or `update`, is larger than runts reads',
      'more than 16 MiB is no configuration, but would take as much memory',
      '`runts run --config /dev/zero web`',
      'check which file is named',
    ],
    INVALID_JSON: [
      'not JSON, or not UTF-8; the message has line and column',
      'a comma too many, a comment, a file cut short',
      '`"ociVersion": "1.3.0",` before the last `}`',
      'mend it at the caret of the message',
    ],
    INVALID_SPEC: [
      'config.json breaks the specification; `problems` lists every finding with its pointer and its code',
      'nothing is made of a configuration that is wrong',
      '`"cwd": "relative"`',
      '`runts validate` explains each; `runts errors CODE` the code of each',
    ],
    INVALID_PROCESS: [
      'the process file of `exec`, or one of its flags, breaks the specification',
      'the same rules hold as for `process` of config.json',
      '`runts exec --cwd relative web ls`',
      'mend the property that the message names',
    ],
    INVALID_RESOURCES: [
      'the resources file of `update` breaks the specification',
      'the same rules hold as for `linux.resources`',
      '`echo \'{"memory": {"limit": "1G"}}\' | runts update --resources - web`',
      'mend the property that the message names',
    ],
    PROCESS_UNREADABLE: [
      'the process file of `exec` cannot be read',
      'it does not exist, or is not for this user',
      '`runts exec --process nowhere.json web`',
      'check path and mode of the file',
    ],
    RESOURCES_UNREADABLE: [
      'the resources file of `update` cannot be read',
      'it does not exist, or is not for this user',
      '`runts update --resources nowhere.json web`',
      'check path and mode of the file',
    ],
    ROOTFS_MISSING: [
      'the root filesystem does not exist or is no directory',
      '`root.path` counts from the bundle; without `root` it is `rootfs`',
      '`"root": {"path": "/nowhere"}`',
      'unpack the image there, or mend `root.path`',
    ],
    KERNEL_TOO_OLD: [
      'this kernel lacks what the configuration asks for, or is too old for runts; the message names the release that it takes',
      'the oldest kernel is 5.10; some properties need a later one',
      '`{"destination": "/data", "source": "/srv", "options": ["bind"], "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}]}` before 5.14',
      'leave the property out, or take a later kernel; `runts doctor` lists what this one can do',
    ],
    PROC_NOT_MOUNTED: [
      'there is no procfs on `/proc`, as in a bare chroot',
      'runts learns from it what this machine is like',
      "`unshare --mount sh -c 'umount -l /proc; runts create web'`",
      '`mount -t proc proc /proc`',
    ],
  },
} as const satisfies Chapter;
