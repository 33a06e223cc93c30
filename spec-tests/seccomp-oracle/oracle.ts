import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A kind of agreement between the compiler and libseccomp, with the first call of the kind; README.md says what the kinds are. */
interface Finding {
  readonly count: number;
  readonly number: number;
  readonly audit: string;
  readonly arguments: readonly string[];
  /** Actions as SECCOMP_RET_* in hexadecimal. */
  readonly ours: string;
  readonly theirs: string;
}

export type Kind = 'same' | 'stub' | 'newer' | 'multiplexed' | 'swapped' | 'fault' | 'overlap' | 'wrong';

/** What the oracle prints of one profile. */
export interface Comparison {
  readonly id: string;
  /** errno by which libseccomp refused the profile, or 0. */
  readonly refused: number;
  /** Instructions. */
  readonly ours: number;
  readonly theirs: number;
  /** Names for which libseccomp has another number. */
  readonly tables: number;
  readonly tableExample: string;
  readonly kinds: Readonly<Partial<Record<Kind, Finding>>>;
}

const directory = mkdtempSync(join(tmpdir(), 'seccomp-oracle-'));
const program = join(directory, 'oracle');
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function build(): string | undefined {
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.c'));
  try {
    const files = sources.map((name) => join(import.meta.dirname, name));
    execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, ...files, '-lseccomp'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error);
    if (/ENOENT|seccomp\.h: No such file|cannot find -lseccomp/.test(said)) return 'needs gcc and libseccomp-dev';
    throw new Error(said);
  }
}

/** Why there is no oracle here; undefined when there is. */
export const missing: string | undefined = build();

/**
 * Compares profiles (profileText) with libseccomp.
 * @throws Error when the oracle could not read them, or a program is one that the kernel would refuse
 */
export function compareProfiles(profiles: readonly string[]): Comparison[] {
  const { status, stdout, stderr } = spawnSync(program, [], {
    input: profiles.join(''),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  const [, ...lines] = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Comparison);
}
