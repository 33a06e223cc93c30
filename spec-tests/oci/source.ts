import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the suite's folder is and its programs lie. */
export interface Suite {
  readonly directory: string;
  readonly programs: readonly string[];
  readonly binaries: string;
}

/** Where nobody has built these programs there is nothing to test: TAP says so. */
function skip(reason: string): never {
  console.log(`1..0 # SKIP ${reason}`);
  process.exit(0);
}

/** Says what is wrong and ends: nothing was tested. */
function giveUp(message: string): never {
  console.error(`test:oci: ${message}`);
  process.exit(1);
}

/**
 * The validation programs of the OCI runtime-tools, already built: RUNTIME_TOOLS names the project's folder, with the programs in `built/`.
 * They are not part of this project, and Debian's package has the project's libraries without its programs.
 */
export function findSuite(): Suite {
  const directory =
    process.env['RUNTIME_TOOLS'] ?? skip('set RUNTIME_TOOLS to a folder of the OCI runtime-tools with its programs in built/');
  const binaries = join(directory, 'built');
  if (!existsSync(join(binaries, 'runtimetest'))) giveUp(`${binaries} has no runtimetest`);
  const programs = readdirSync(binaries)
    .filter((name) => name !== 'runtimetest' && !name.includes('.'))
    .sort();
  // The programs look for it in their working directory.
  copyFileSync(join(binaries, 'runtimetest'), join(directory, 'runtimetest'));
  return { directory, programs, binaries };
}
