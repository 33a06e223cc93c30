/** Options with a security label, which may be quoted because it may hold commas (mount(8), "context"). */
export const labelOption = /^(?:def|fs|root)?context=/;

const openQuote = /^(?:def|fs|root)?context="[^"]*$/;
const category = /^c\d+(?:\.c\d+)?$/;

/** Whether the comma behind `option` belongs to a label: inside its quotes, or between its categories. */
const continues = (option: string, next: string): boolean =>
  openQuote.test(option) || (labelOption.test(option) && !option.endsWith('"') && category.test(next));

/**
 * The single options of a filesystem. Engines and people write several into one string, or split one at a comma of its label: in the data
 * string of mount(2) there is no difference. Labels come out of their quotes.
 */
export function filesystemOptions(given: readonly string[]): string[] {
  const options: string[] = [];
  for (const part of given.flatMap((option) => option.split(','))) {
    const last = options.at(-1);
    if (last !== undefined && continues(last, part)) options[options.length - 1] = `${last},${part}`;
    else if (part !== '') options.push(part);
  }
  return options.map((option) => (labelOption.test(option) ? option.replace(/="(.*)"$/, '=$1') : option));
}

/** As filesystemOptions takes them, in the one string of mount(2). */
export const optionData = (options: readonly string[]): string =>
  options.map((option) => (labelOption.test(option) ? option.replace(/=(.*)/, '="$1"') : option)).join(',');
