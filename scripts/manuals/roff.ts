// Text as roff(7) has it, with the macros of man(7).

/** One piece of text: no character of it is an instruction. */
export const text = (words: string): string =>
  words
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll('…', '...')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => (/^[.']/.test(line) ? String.raw`\&${line}` : line))
    .join('\n');

/** The argument of a macro. */
const argument = (words: string): string => `"${text(words).replaceAll('"', String.raw`\(dq`).replaceAll('\n', ' ')}"`;

export const bold = (words: string): string => `\\fB${text(words)}\\fR`;
export const italic = (words: string): string => `\\fI${text(words)}\\fR`;

/** A heading begins a paragraph by itself. */
const begun = ([first, ...rest]: readonly string[]): readonly string[] =>
  first === '.PP' ? rest : first === undefined ? [] : [first, ...rest];

export const section = (title: string, ...blocks: readonly string[]): string[] => [
  `.SH ${argument(title.toUpperCase())}`,
  ...begun(blocks),
];
export const subsection = (title: string, ...blocks: readonly string[]): string[] => [`.SS ${argument(title)}`, ...blocks];
export const paragraph = (...blocks: readonly string[]): string[] => ['.PP', ...blocks];
/** What is named, in roff already, and what is said of it. */
export const item = (name: string, words: string): string[] => ['.TP', name, words];
/** Lines as they are typed. */
export const typed = (...lines: readonly string[]): string[] => ['.PP', '.RS 4', '.nf', ...lines.map(text), '.fi', '.RE'];

/** A reference to a page of this or another manual. */
export const reference = (name: string, chapter: number): string => `\\fB${text(name)}\\fR(${chapter})`;

export interface Page {
  /** Below share/man. */
  readonly path: string;
  readonly text: string;
}

/** @param lines blocks of macros and text */
export function page(name: string, chapter: number, source: string, notice: string, lines: readonly string[]): Page {
  const heading = `.TH ${argument(name.toUpperCase())} ${chapter} "" ${argument(source)} "runts manual"`;
  return { path: `man${chapter}/${name}.${chapter}`, text: `${[`.\\" ${notice}`, heading, '.nh', '.ad l', ...lines].join('\n')}\n` };
}
