// No file that people write is longer than 300 lines. Prints findings, exits 1 when there are any.
import { dirname } from 'node:path';
import { longFiles } from './file-sizes.ts';

const findings = longFiles(dirname(import.meta.dirname));
for (const finding of findings) console.error(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
