/**
 * What a code means, why it comes, what brings it about (a command line or a piece of config.json), and how to mend it. Texts are Markdown
 * that reads well as it is; short, since all of them are in the executable.
 */
export type Explanation = readonly [what: string, why: string, example: string, mend: string];

/** A part of docs/errors.md: what has failed, what was warned of, or what is wrong with a configuration. */
export interface Chapter {
  readonly kind: 'failure' | 'warning' | 'finding';
  readonly title: string;
  readonly codes: Readonly<Record<string, Explanation>>;
}
