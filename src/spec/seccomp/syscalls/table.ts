/**
 * Walks a system call table as the generated files hold it: names in the order of their numbers, separated by spaces; a number
 * stands before a name that does not follow the last one's number. Several names of one number are possible.
 */
export function decodeSyscalls(table: string, visit: (name: string, number: number) => void): void {
  let next = 0;
  for (const token of table.split(' ')) {
    const first = token.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) next = Number(token);
    else visit(token, next++);
  }
}
