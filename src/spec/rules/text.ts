import type { Report } from '../findings.ts';
import { MAX_DEPTH } from '../json-strict.ts';
import { escapePointer } from '../pointer.ts';

/** Refuses NUL bytes in strings and member names: the kernel's strings would end there. */
export function checkText(value: unknown, pointer: string, report: Report, depth = 0): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) report.error(pointer, 'NUL_BYTE', `${pointer || 'the document'} contains nul byte (\\x00)`);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [key, member] of Object.entries(value)) {
    if (key.includes('\0')) report.error(pointer, 'NUL_BYTE', `a member name in ${pointer || 'the document'} contains nul byte (\\x00)`);
    checkText(member, `${pointer}/${escapePointer(key)}`, report, depth + 1);
  }
}
