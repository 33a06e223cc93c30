// The command line of the machine: `spec-tests/vm` and `spec-tests/old-kernel` give most of it, VM_OPTIONS the rest.
import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Which of Debian's releases the kernel is of. */
  readonly kernel: string;
  /** Seconds until it is switched off. */
  readonly timeout: number;
  /** Folders of the host that can be written to; all others are read only, and what is written there is gone at the end. */
  readonly shares: readonly string[];
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

const usage = `usage: [--kernel RELEASE] [--timeout SECONDS] [--share FOLDER]… [--tmpfs FOLDER]… [--disk SIZE] [--cpus N] [--memory SIZE]
       [--append PARAMETERS] [--apparmor] [--env NAME=VALUE]… -- COMMAND…`;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const timeout = Number(values.timeout);
  const env = values.env.map((word) => /^(\w+)=(.*)$/s.exec(word) ?? fail(`--env ${word} is not NAME=VALUE`));
  const relative = [...values.share, ...values.tmpfs].find((folder) => !isAbsolute(folder) || /\s/.test(folder));
  if (relative !== undefined) fail(`${relative} is no absolute path without spaces`);
  if (!(timeout > 0)) fail(`--timeout ${values.timeout} is no number of seconds`);
  if (!/^[a-z][a-z-]*$/.test(values.kernel)) fail(`--kernel ${values.kernel} is no release of Debian`);
  if (positionals.length === 0) fail('no command');
  return {
    kernel: values.kernel,
    timeout,
    shares: values.share,
    tmpfs: values.tmpfs,
    disk: values.disk,
    cpus: values.cpus,
    memory: values.memory,
    append: `${values.apparmor ? 'security=apparmor' : 'apparmor=0'} ${values.append}`.trim(),
    env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, value])),
    command: positionals,
  };
}

function parse(args: readonly string[]) {
  const text = (word: string) => ({ type: 'string', default: word }) as const;
  const list = { type: 'string', multiple: true, default: [] as string[] } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        kernel: text('bookworm'),
        timeout: text('3000'),
        share: list,
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
