/** A fenced block of a page of docs/. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of the comment `<!-- tested: NAME -->` before it, if there is one. */
  readonly tested?: string;
}

/** The fenced blocks of a page, in their order. */
export function blocks(page: string): Block[] {
  const fence = /(?:<!-- tested: ([\w./ -]+?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm;
  return [...page.matchAll(fence)].map(([, tested, language = '', text = '']) => ({
    language,
    text,
    ...(tested === undefined ? {} : { tested }),
  }));
}

/** The commands of a console block, each with what it prints, without the newline at its end. */
export function consoleLines(text: string): { readonly command: string; readonly output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    });
}
