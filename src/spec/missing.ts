/**
 * The words for a member that has to be there and is not.
 * @param of what it is a member of, where the pointer alone would not tell: `device "/dev/x"`
 */
export const missingText = (name: string, of?: string): string =>
  `required property "${name}"${of === undefined ? '' : ` of ${of}`} is missing`;
