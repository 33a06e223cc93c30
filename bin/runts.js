#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../lib/bundle/main.js', import.meta.url);
if (existsSync(entry)) {
  await import(entry.href);
} else {
  process.stderr.write('runts: lib/bundle/main.js is missing: build the project first ("npm run build")\n');
  process.exitCode = 1;
}
