/** One assertion of a program that speaks the Test Anything Protocol. */
export interface Assertion {
  readonly ok: boolean;
  readonly title: string;
}

/** The assertions of a program's output; diagnostics and plans are left out. */
export function parseTap(text: string): readonly Assertion[] {
  return [...text.matchAll(/^(ok|not ok)\b *\d* *(?:- )?(.*)$/gm)].map(([, word, title = '']) => ({
    ok: word === 'ok',
    title: title.trim(),
  }));
}
