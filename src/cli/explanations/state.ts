import type { Chapter } from './explanation.ts';

export const state = {
  kind: 'failure',
  title: 'State',
  codes: {
    ROOT_UNWRITABLE: [
      'the directory for the state of containers cannot be made',
      'a read-only filesystem, or a user who may not write there',
      '`runts --root /proc/x create web`',
      'name one by `--root` that this user may write to',
    ],
    CONTAINER_UNKNOWN: [
      'there is no container of that id',
      'it was deleted, or belongs to another `--root` or user',
      '`runts state nobody`',
      '`runts list`, with the same `--root` as `create`',
    ],
    ID_TAKEN: [
      'there is a container of that id already',
      'ids are unique below one `--root`, also of containers that have stopped',
      '`runts create web; runts create web`',
      'choose another id, or `runts delete` the old one',
    ],
    CONTAINER_DELETED: [
      'another command deleted the container while this one worked on it',
      'two callers at once',
      '`runts start web & runts delete --force web`',
      'nothing is left to do',
    ],
    STATE_DAMAGED: [
      'what was kept of the container cannot be read; also the warning of what `delete --force` could not know',
      'a power cut, a full disk, or somebody has changed the file',
      '`: >/run/runts/web/state.json; runts state web`',
      '`runts delete --force ID` removes what can be found',
    ],
    STATE_VERSION: [
      'a later runts made the container: its `state.json` has a format that this one does not know, and nothing of it is touched',
      'runts was replaced by an earlier version while containers were there',
      '`sed -i \'s/"formatVersion":1/"formatVersion":2/\' /run/runts/web/state.json; runts state web`, as after a downgrade',
      'use that runts for this container, or a later one',
    ],
    CONTAINER_BUSY: [
      'another command has worked on the container for a minute',
      'each container has a lock; a hook that hangs keeps it',
      '`runts delete web` while a hook of `create` sleeps',
      'end the other command, or wait for it',
    ],
    NOT_CREATED: [
      '`start` of a container that is not in the state `created`',
      'it runs already, or has stopped',
      '`runts start web; runts start web`',
      '`runts state web` tells; a stopped container is made anew',
    ],
    NOT_RUNNING: [
      "the container's process is not there any more, or not yet",
      'its program has ended',
      '`runts exec web ls` in a stopped container',
      '`runts state web` tells how it ended',
    ],
    NOT_STOPPED: [
      '`delete` without `--force` of a container that is not stopped',
      'its processes would be killed',
      '`runts delete web` while it runs',
      '`runts kill web` first, or `runts delete --force web`',
    ],
    PAUSED: [
      '`exec` in a paused container without `--ignore-paused`',
      'the program would not run before it is resumed',
      '`runts pause web; runts exec web ls`',
      '`runts resume web`, or `--ignore-paused`',
    ],
    NOT_PAUSED: [
      '`resume` of a container that is not paused',
      'somebody else has resumed it, or it was never paused',
      '`runts resume web` while it runs',
      'nothing is left to do',
    ],
    PROCESS_MISSING: [
      'config.json has no process to start',
      '`process` may be absent for `create`, but not for `start`',
      '`runts start web` without `process`',
      'add `process`',
    ],
  },
} as const satisfies Chapter;
