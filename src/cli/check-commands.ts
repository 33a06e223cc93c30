import { bundle, format, textFormat } from './arguments.ts';
import type { Command } from './flag.ts';

/** Commands about bundles and this machine; none makes anything of a container. */
export const checkCommands = {
  spec: {
    group: 'checks',
    summary: 'write a starter config.json',
    description: 'Writes a config.json that runs sh on a terminal in ./rootfs. It is meant to be edited.',
    positionals: [],
    flags: [
      { name: 'bundle', alias: 'b', type: 'string', value: 'DIR', description: 'the bundle directory (default: the current directory)' },
      { name: 'rootless', type: 'boolean', description: 'for a user other than root: a user namespace, the network of the host' },
    ],
  },
  plan: {
    group: 'checks',
    summary: 'show what create would do, step by step',
    description: `Prints the steps of "runts create" (with --restore: of "runts restore") in their order, each with the process that does
it and the property of config.json that asks for it. Nothing is done.`,
    positionals: [bundle],
    flags: [
      { name: 'bundle', alias: 'b', type: 'string', value: 'DIR', description: 'the bundle directory (default: the current directory)' },
      { name: 'config', type: 'string', value: 'FILE', description: 'read this file in place of config.json' },
      { name: 'id', type: 'string', value: 'ID', default: 'example', description: 'id of the container' },
      { name: 'restore', type: 'boolean', description: 'the steps of "runts restore" instead' },
      format,
    ],
  },
  validate: {
    group: 'checks',
    summary: 'check the config.json of a bundle',
    description: 'Prints every finding at once. The exit status is 1 when one of them is an error.',
    positionals: [bundle],
    flags: [
      { name: 'bundle', alias: 'b', type: 'string', value: 'DIR', description: 'the bundle directory (default: the current directory)' },
      { name: 'config', type: 'string', value: 'FILE', description: 'read this file in place of config.json' },
      {
        name: 'format',
        alias: 'f',
        type: 'string',
        value: 'FORMAT',
        default: 'text',
        choices: ['text', 'json', 'sarif'],
        description: 'text, json or sarif (SARIF 2.1.0)',
      },
    ],
  },
  seccomp: {
    group: 'checks',
    summary: 'explain, record or compare seccomp profiles',
    description: `"runts seccomp explain BUNDLE SYSCALL" says what happens to a system call (a name, or a number of this machine), with which
arguments, and which rule says so; without a system call how large the filter is and how many instructions a call runs.
"runts seccomp dump BUNDLE" prints the program that the kernel gets, in words.
"runts seccomp record ID" runs the bundle as "runts run" does, with the exit status of its program, and writes the smallest profile with which
it can do the same again. Processes of "runts exec" are recorded, too. A profile that the bundle has already still holds.
"runts seccomp compare PROFILE BUNDLE" says which of the calls that PROFILE permits are refused by the bundle's profile, and which others that
permits. The exit status is 1 when one is refused. A profile is a file with linux.seccomp alone, a config.json, or a bundle.`,
    positionals: [
      { name: 'explain|dump|record|compare', description: 'what to do' },
      { name: 'bundle|container-id|profile', optional: true, description: 'the bundle directory; of record the name of a new container' },
      { name: 'syscall|profile', optional: true, description: 'name or number of a system call; of compare what is compared' },
    ],
    flags: [
      {
        name: 'bundle',
        alias: 'b',
        type: 'string',
        value: 'DIR',
        description: 'of record: the bundle directory (default: the current one)',
      },
      { name: 'config', type: 'string', value: 'FILE', description: 'read this file in place of config.json' },
      {
        name: 'output',
        alias: 'o',
        type: 'string',
        value: 'FILE',
        description: 'of record: where the profile goes (default: ./seccomp.json)',
      },
      {
        name: 'merge',
        alias: 'm',
        type: 'array',
        value: 'FILE',
        description: 'of record: permit what this profile permits, too; may be given several times',
      },
      textFormat,
    ],
  },
  doctor: {
    group: 'checks',
    summary: 'tell what this host can do, and what of a bundle would not work here',
    description: `Looks at kernel, namespaces, cgroups, security modules, ids and programs, as the user who calls, and says of each why it matters and
what mends a lack. With a bundle also what of it would not work here, by the rules of "runts create". Nothing is changed, and root is not needed.
The exit status is 1 when something is missing without which no container can be made, or when the bundle's cannot.`,
    positionals: [{ ...bundle, description: 'the bundle directory; without one only the host is looked at' }],
    flags: [{ name: 'config', type: 'string', value: 'FILE', description: 'read this file in place of config.json' }, textFormat],
  },
  errors: {
    group: 'checks',
    summary: 'explain the codes of errors, warnings and findings',
    description: `Says of a code what it means, why it comes, what brings it about, and how to mend it. Without one: all codes, each in a line.
The symbol of an errno (ENOSPC) is a code too, where a system call has failed that no step of a plan explains.`,
    positionals: [{ name: 'code', optional: true, description: 'code of an error, a warning or a finding' }],
    flags: [textFormat],
  },
  features: {
    group: 'checks',
    summary: 'print what this runtime can do',
    description: 'Prints the features document of the specification as JSON. It says what is built in, not what the host allows.',
    positionals: [],
    flags: [],
  },
} as const satisfies Record<string, Command>;
