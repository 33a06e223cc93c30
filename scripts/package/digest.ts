import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** @returns the digest of a file, in hexadecimal */
export const digestOf = (file: string, algorithm: 'sha256' | 'md5' = 'sha256'): string =>
  createHash(algorithm).update(readFileSync(file)).digest('hex');
