import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';

/** Puts a program `runts` into the box's directory, for scripts: these words, and what it is called with. */
export function putRuntime(box: Box, words: readonly string[]): void {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  writeFileSync(join(box.directory, 'runts'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
}
