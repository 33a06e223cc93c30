import { format, id, interval, liveFormat, newId } from './arguments.ts';
import { checkCommands } from './check-commands.ts';
import type { Command, Values } from './flag.ts';
import { containerFlags, criuFlags, execFlags, type globalFlags, resourceFlags } from './flags.ts';

/**
 * Every command with its flags and arguments. Parsing, help and (later) completion and man pages come from this table alone;
 * `verbs.ts` says what runs them.
 */
export const commands = {
  create: {
    group: 'lifecycle',
    summary: 'create a container',
    description: `Creates a container from a bundle: a directory with a config.json and a root filesystem.
The program of the container waits until "runts start" lets it run.`,
    positionals: [newId],
    flags: containerFlags,
  },
  start: {
    group: 'lifecycle',
    summary: 'run the program of a created container',
    description: 'Lets a created container run the program that config.json names.',
    positionals: [{ ...id, states: ['created'] }],
    flags: [],
  },
  run: {
    group: 'lifecycle',
    summary: 'create a container, start it and wait for its end',
    description: `The same as create and start. In the foreground (without --detach) runts forwards signals and the terminal, ends with the
exit status of the program (128+n when signal n killed it) and deletes the container.`,
    positionals: [newId],
    flags: [
      ...containerFlags,
      { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
      { name: 'keep', type: 'boolean', description: 'do not delete the container after its end' },
      { name: 'no-subreaper', type: 'boolean', description: 'do not become the parent of orphaned processes of the container' },
    ],
  },
  state: {
    group: 'inspection',
    summary: 'print the state of a container',
    description: 'Prints the state as JSON: the members of the specification, and rootfs, created and owner.',
    positionals: [id],
    flags: [],
  },
  kill: {
    group: 'lifecycle',
    summary: 'send a signal to the first process of a container',
    description: 'A signal is a name (TERM, SIGTERM, RTMIN+3; any case) or a number. Without one: SIGTERM.',
    positionals: [
      { ...id, states: ['created', 'running', 'paused'] },
      { name: 'signal', optional: true, description: 'name or number; default SIGTERM' },
    ],
    flags: [
      {
        name: 'all',
        alias: 'a',
        type: 'boolean',
        hidden: true,
        description: 'send it to every process of the container; no error when there is none',
      },
      { name: 'signal', alias: 's', type: 'string', value: 'SIGNAL', hidden: true, description: 'the same as the second argument' },
    ],
  },
  delete: {
    group: 'lifecycle',
    summary: 'delete a container and all that was made for it',
    description: 'A running container is refused, unless with --force.',
    positionals: [id],
    flags: [
      {
        name: 'force',
        alias: 'f',
        type: 'boolean',
        description: 'kill the container first (SIGKILL); a container that does not exist is no error',
      },
    ],
  },
  list: {
    group: 'inspection',
    summary: 'list the containers',
    description: 'Lists the containers whose state lies below --root.',
    positionals: [],
    flags: [format, { name: 'quiet', alias: 'q', type: 'boolean', description: 'print ids only' }],
  },
  ps: {
    group: 'inspection',
    summary: 'list the processes of a container',
    description:
      'Runs ps(1) (with -ef, or the options given) and keeps the lines of the processes of the container. Process ids are those of the host.',
    positionals: [
      { ...id, states: ['created', 'running', 'paused'] },
      { name: 'ps-option', optional: true, variadic: true, description: 'options for ps(1)' },
    ],
    flags: [format],
    stopAtPositional: true,
  },
  exec: {
    group: 'lifecycle',
    summary: 'run one more program in a container',
    description: `The process of config.json is the model; the flags change it. With --process it is read from a file; what that leaves out is as in config.json, but for env
and terminal.
Ends with the exit status of the program, or with 255 when runts itself failed.`,
    positionals: [
      { ...id, states: ['created', 'running'] },
      { name: 'command', optional: true, variadic: true, description: 'the program and its arguments; not with --process' },
    ],
    stopAtPositional: true,
    flags: execFlags,
  },
  pause: {
    group: 'lifecycle',
    summary: 'suspend all processes of a container',
    description: 'Freezes the cgroup of the container.',
    positionals: [{ ...id, states: ['created', 'running'] }],
    flags: [],
  },
  resume: {
    group: 'lifecycle',
    summary: 'let the processes of a paused container go on',
    description: 'Thaws the cgroup of the container.',
    positionals: [{ ...id, states: ['paused'] }],
    flags: [],
  },
  update: {
    group: 'lifecycle',
    summary: 'change the resource limits of a container',
    description: 'What is not named stays as it is. With --resources all other flags but the schemas are ignored.',
    positionals: [{ ...id, states: ['created', 'running', 'paused'] }],
    flags: resourceFlags,
  },
  events: {
    group: 'inspection',
    summary: 'print statistics and out-of-memory events of a container',
    description: 'Prints one line of JSON for each event.',
    positionals: [{ ...id, states: ['created', 'running', 'paused'] }],
    flags: [
      { name: 'interval', type: 'string', value: 'DURATION', default: '5s', description: 'time between two statistics, e.g. 100ms' },
      { name: 'stats', type: 'boolean', description: 'print statistics once and end' },
      { name: 'follow', type: 'boolean', description: 'tell of the end of the container, too, and how it has ended' },
    ],
  },
  stats: {
    group: 'inspection',
    summary: 'show what containers use',
    description: `Shows cpu, memory, processes, pressure (the part of ten seconds in which something had to wait) and transfers of each container: those that are
named, until they have ended, else all that run, also those to come.
What is read and written in a second, and the cpu, of which 100 % are one, are those since the last look.`,
    positionals: [{ ...id, optional: true, variadic: true, states: ['created', 'running', 'paused'] }],
    flags: [interval, { name: 'no-stream', type: 'boolean', description: 'show it once and end' }, liveFormat],
  },
  top: {
    group: 'inspection',
    summary: 'watch what all containers use',
    description: `A row for each container that runs, also those to come, the largest first; on a terminal in place. The columns are those of "runts stats".
An interrupt (Ctrl-C) ends it.`,
    positionals: [],
    flags: [
      interval,
      {
        name: 'sort',
        alias: 's',
        type: 'string',
        value: 'KEY',
        default: 'cpu',
        choices: ['cpu', 'memory', 'pids', 'pressure', 'io', 'id'],
        description: 'what decides about the order: cpu, memory, pids, pressure, io or id',
      },
      { name: 'plain', type: 'boolean', description: 'one table below the other, also on a terminal' },
      { name: 'rounds', alias: 'n', type: 'number', value: 'N', default: 0, description: 'end after so many tables' },
      liveFormat,
    ],
  },
  checkpoint: {
    group: 'lifecycle',
    summary: 'save a running container to files',
    description: 'Saves the container by means of CRIU and, unless with --leave-running, stops it.',
    positionals: [{ ...id, states: ['running', 'paused'] }],
    flags: [
      ...criuFlags,
      { name: 'parent-path', type: 'string', value: 'DIR', description: 'images of the previous --pre-dump, relative to --image-path' },
      { name: 'leave-running', type: 'boolean', description: 'let the container go on' },
      {
        name: 'status-fd',
        type: 'number',
        value: 'FD',
        default: -1,
        description: 'CRIU writes a NUL byte here when --lazy-pages is ready',
      },
      { name: 'page-server', type: 'string', value: 'ADDRESS:PORT', description: 'page server to send memory to' },
      { name: 'pre-dump', type: 'boolean', description: 'save memory only and let the container go on' },
      { name: 'tcp-skip-in-flight', type: 'boolean', description: 'leave out TCP connections that are being set up' },
      { name: 'link-remap', type: 'boolean', description: 'save files that were unlinked but have other names' },
    ],
  },
  restore: {
    group: 'lifecycle',
    summary: 'make a container from the files of a checkpoint',
    description: 'Restores the container by means of CRIU.',
    positionals: [newId],
    flags: [
      ...criuFlags,
      { name: 'bundle', alias: 'b', type: 'string', value: 'DIR', description: 'the bundle directory (default: the current directory)' },
      { name: 'console-socket', type: 'string', value: 'PATH', description: 'unix socket that gets the terminal' },
      { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
      { name: 'pid-file', type: 'string', value: 'FILE', description: 'write the process id to a file' },
      { name: 'no-subreaper', type: 'boolean', description: 'do not become the parent of orphaned processes of the container' },
      { name: 'no-pivot', type: 'boolean', description: 'accepted; CRIU changes the root as it did before' },
      { name: 'tcp-close', type: 'boolean', description: 'restore open TCP connections as closed ones' },
      { name: 'lsm-profile', type: 'string', value: 'TYPE:NAME', description: 'label or profile in place of the saved one' },
      { name: 'lsm-mount-context', type: 'string', value: 'CONTEXT', description: 'mount context in place of the saved one' },
    ],
  },
  ...checkCommands,
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** The values of the flags before the command. */
export type GlobalValues = Values<typeof globalFlags>;

/** The values of the flags of a command. */
export type CommandValues<C extends CommandName> = Values<(typeof commands)[C]['flags']>;

/** Whether there is such a command ("toString" is none). */
export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
