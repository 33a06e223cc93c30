/** What the unit tests use of node:os, but for its tables. */
export const tmpdir = (): string => process.env['TMPDIR'] ?? '/tmp';
