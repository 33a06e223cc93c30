import type { Report } from '../findings.ts';
import { MAX_DEPTH } from '../json-strict.ts';
import { escapePointer } from '../pointer.ts';

/** Members that the kernel gets as far as the NUL, and annotations, which it never gets. */
const cut = new Set(['/hostname', '/domainname']);
const isAnnotation = (pointer: string): boolean => pointer.startsWith('/annotations/');

/** Refuses NUL bytes in strings and member names: the kernel's strings would end there. */
export function checkText(value: unknown, pointer: string, report: Report, depth = 0): void {
  if (typeof value === 'string') {
    if (!value.includes('\0')) return;
    const message = `${pointer || 'the document'} contains nul byte (\\x00)`;
    if (cut.has(pointer)) report.mend(pointer, 'NUL_BYTE', message, value.slice(0, value.indexOf('\0')));
    else if (isAnnotation(pointer)) report.tolerate(pointer, 'NUL_BYTE', message);
    else report.error(pointer, 'NUL_BYTE', message);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [key, member] of Object.entries(value)) {
    if (key.includes('\0')) report.error(pointer, 'NUL_BYTE', `a member name in ${pointer || 'the document'} contains nul byte (\\x00)`);
    checkText(member, `${pointer}/${escapePointer(key)}`, report, depth + 1);
  }
}
