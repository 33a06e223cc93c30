import { bundle } from './bundle.ts';
import { cgroups } from './cgroups.ts';
import { checkpoint, descriptors } from './checkpoint.ts';
import { commandLine } from './command-line.ts';
import type { Chapter, Explanation } from './explanation.ts';
import { findings } from './findings.ts';
import { making } from './making.ts';
import { ps, seccomp } from './seccomp.ts';
import { state } from './state.ts';
import { warnings } from './warnings.ts';

/** Every permanent code with its explanation; docs/errors.md is written from it. */
export const chapters: readonly Chapter[] = [
  commandLine,
  bundle,
  state,
  making,
  checkpoint,
  descriptors,
  cgroups,
  seccomp,
  ps,
  warnings,
  findings,
];

/** One code, as `errors --format json` has it; a code may stand in two chapters. */
export interface ExplainedCode {
  readonly code: string;
  readonly kind: Chapter['kind'];
  readonly chapter: string;
  readonly what: string;
  readonly why: string;
  readonly example: string;
  readonly mend: string;
}

const explained = ({ kind, title }: Chapter, code: string, [what, why, example, mend]: Explanation): ExplainedCode => ({
  code,
  kind,
  chapter: title,
  what,
  why,
  example,
  mend,
});

/** All of them, in the order of the page. */
export const explainedCodes = (): ExplainedCode[] =>
  chapters.flatMap((chapter) => Object.entries(chapter.codes).map(([code, words]) => explained(chapter, code, words)));
