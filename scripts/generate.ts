// `npm run generate`: runs every generator. With --check they write nothing and fail when a file is stale.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

for (const generator of [
  'generate-errno.ts',
  'generate-errors.ts',
  'generate-kernel.ts',
  'generate-manuals.ts',
  'generate-ops.ts',
  'generate-readme.ts',
  'generate-spec.ts',
  'generate-syscalls.ts',
]) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, generator), ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${generator} failed`);
    process.exitCode = 1;
  }
}
