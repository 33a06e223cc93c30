import type { Chapter } from './explanation.ts';

export const commandLine = {
  kind: 'failure',
  title: 'The command line',
  codes: {
    USAGE: [
      'the command line has no meaning: an unknown flag, a missing argument',
      'flags before the command are those of `runts`, flags behind it those of the command',
      '`runts create` without an id',
      'the hint has the usage; `runts help COMMAND` has the rest',
    ],
    COMMAND_UNKNOWN: [
      "there is no such command; the exit status is 3, as runc's",
      'a misspelt name, or a command of another runtime',
      '`runts strat web`',
      '`runts help` lists the commands',
    ],
    LOG_UNREAD: [
      '`--log` names a fifo that nobody has opened to read',
      'opening it would wait for ever; runts waits for a second',
      '`mkfifo log; runts --log log list`',
      'start the reader first, or name a file',
    ],
    INVALID_ROOT: [
      '`--root` is `/`; or the default state root belongs to another user, or can be written to by others',
      'whoever can write to the state of containers decides what runts does with them',
      '`runts --root / list`',
      'name another directory, or give this one to the user and `chmod 700` it',
    ],
    INVALID_SIGNAL: [
      'no signal of that name or number',
      'names are those of signal(7), with or without SIG; numbers are 0 to 64',
      '`runts kill web STOPP`',
      '`kill -l` lists the names',
    ],
    INVALID_USER: [
      '`--user` or `--additional-gids` is no decimal id',
      "names would have to be looked up in a container's /etc/passwd, which nobody can trust",
      '`runts exec --user www-data web id`',
      'give numbers: `--user 33:33`',
    ],
    INVALID_VALUE: [
      'the value of a flag is malformed or out of range',
      'sizes take k, m or g, durations a unit',
      '`runts update --memory lots web`',
      'see `runts help COMMAND`',
    ],
    CODE_UNKNOWN: [
      '`errors` was asked for a code that does not exist',
      'codes are in capitals, as in messages and logs',
      '`runts errors CWD_FALED`',
      '`runts errors` lists all',
    ],
    ID_INVALID: [
      'the container id has characters that ids may not have',
      'an id is the name of a directory and of cgroups: letters, digits, `_`, `+`, `-`, `.`, `~`',
      '`runts create ../web`',
      'choose another id',
    ],
    EXISTS: [
      'a file that would be overwritten, such as the config.json of `spec`',
      'nothing of yours is ever overwritten',
      '`runts spec; runts spec`',
      'remove or rename the file',
    ],
    ADDON_MISSING: [
      'the npm package has no addon for this machine',
      'prebuilt ones are optional dependencies, for x64 with glibc or musl; `--omit=optional` leaves them out',
      '`npm install --omit=optional runts`, then `import "runts"`',
      'install with `--include=optional`; on another processor build runts from its sources',
    ],
    ADDON_UNLOADABLE: [
      'there is an addon, and the dynamic linker refuses it; the message has its words',
      'glibc is older than 2.36, the addon is for another C library or processor, or lies on a filesystem that is noexec',
      '`node_modules` of one machine copied to another',
      'install the package on the machine that uses it; for an older system build runts from its sources there',
    ],
    INTERNAL: [
      'a mistake in runts: please report it',
      'something happened that was thought impossible',
      'none is known',
      'report it with the output of `runts --debug …`',
    ],
  },
} as const satisfies Chapter;
