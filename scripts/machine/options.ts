// The command line of the machine: `spec-tests/vm` and `spec-tests/old-kernel` give most of it, VM_OPTIONS the rest.
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { ownProcessor, type ProcessorName, processors } from './processors.ts';

export interface Options {
  readonly processor: ProcessorName;
  /** Packages of Debian, and what they depend on, that its root is made of in place of the host's; of another processor there is no other. */
  readonly packages: readonly string[];
  /** Which of Debian's releases the kernel is of. */
  readonly kernel: string;
  /** Seconds until it is switched off. */
  readonly timeout: number;
  /** Folders of the host that can be written to; what is written to its other files is gone at the end. */
  readonly shares: readonly string[];
  /** Folders of the host that are there besides its root. */
  readonly shown: readonly string[];
  readonly tmpfs: readonly string[];
  /** Size of a disk at /disk, as mke2fs takes it. */
  readonly disk: string | undefined;
  readonly cpus: string;
  readonly memory: string;
  /** More parameters of the kernel. */
  readonly append: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

const usage = `usage: [--kernel RELEASE] [--arch x86_64|aarch64] [--packages NAME,…] [--timeout SECONDS] [--share FOLDER]… [--show FOLDER]… [--tmpfs FOLDER]…
       [--disk SIZE] [--cpus N] [--memory SIZE] [--append PARAMETERS] [--apparmor] [--env NAME=VALUE]… -- COMMAND…`;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const timeout = Number(values.timeout);
  const env = values.env.map((word) => /^(\w+)=(.*)$/s.exec(word) ?? fail(`--env ${word} is not NAME=VALUE`));
  const relative = [...values.share, ...values.show, ...values.tmpfs].find((folder) => !isAbsolute(folder) || /\s/.test(folder));
  if (relative !== undefined) fail(`${relative} is no absolute path without spaces`);
  if (!(timeout > 0)) fail(`--timeout ${values.timeout} is no number of seconds`);
  if (!/^[a-z][a-z-]*$/.test(values.kernel)) fail(`--kernel ${values.kernel} is no release of Debian`);
  if (!isProcessor(values.arch)) return fail(`--arch ${values.arch} is none of ${Object.keys(processors).join(', ')}`);
  if (!/^[a-z0-9+.,-]*$/.test(values.packages)) fail(`--packages ${values.packages} are no names of packages`);
  if (positionals.length === 0) fail('no command');
  return {
    processor: values.arch,
    packages: values.packages.split(',').filter(Boolean),
    kernel: values.kernel,
    timeout,
    shares: values.share,
    shown: values.show,
    tmpfs: values.tmpfs,
    disk: values.disk,
    cpus: values.cpus,
    memory: values.memory,
    append: `${values.apparmor ? 'security=apparmor' : 'apparmor=0'} ${values.append}`.trim(),
    env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, value])),
    command: positionals,
  };
}

const isProcessor = (name: string): name is ProcessorName => Object.hasOwn(processors, name);

function parse(args: readonly string[]) {
  const text = (word: string) => ({ type: 'string', default: word }) as const;
  const list = { type: 'string', multiple: true, default: [] as string[] } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        kernel: text('bookworm'),
        arch: text(ownProcessor),
        packages: text(''),
        timeout: text('3000'),
        share: list,
        show: list,
        tmpfs: list,
        disk: { type: 'string' },
        cpus: text('2'),
        memory: text('3G'),
        append: text(''),
        apparmor: { type: 'boolean', default: false },
        env: list,
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(words: string): never {
  throw new Error(`${words}\n${usage}`);
}
