import { IFNAMSIZ } from '../../kernel.gen.ts';
import { parseList } from '../cpu-list.ts';

/** A CPU or memory node list as the kernel takes it. */
export const isList = (text: string): boolean => parseList(text) !== undefined;

/** Whether a string can be one name inside a directory: no separator, not "." or "..". */
export function isFileName(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !text.includes('/');
}

const utf8 = new TextEncoder();

/** Whether a text is longer than a number of bytes, in which the kernel counts. */
export const exceeds = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && utf8.encode(text).length > bytes);

/** Whether a name is one that the kernel accepts for a network interface (IFNAMSIZ counts the NUL). */
export function isInterfaceName(text: string): boolean {
  return isFileName(text) && !exceeds(text, IFNAMSIZ - 1) && !/[\s:]/.test(text);
}
