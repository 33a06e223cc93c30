/** Writes docs/errors.md from the explanations that `runts errors` prints. `--check` writes nothing and exits 1 when it is stale. */
import { chapters } from '../src/cli/explanations/chapters.ts';
import type { Chapter, Explanation } from '../src/cli/explanations/explanation.ts';
import { writeGenerated } from './generated.ts';

const head = `<!-- written by npm run generate from src/cli/explanations/ -->

# Error codes

Every failure of runts has a permanent code. It is the \`code\` of a \`RuntimeError\`, and of the error line in a JSON log
(\`--log FILE --log-format json\`), beside \`pointer\` (JSON pointer into config.json), \`step\`, \`syscall\`, \`errno\`, \`hint\` and \`problems\`.
A system call that fails where no step explains it has its errno as code (\`ENOSPC\`, \`EACCES\` …); \`ENOMEM\` of mmap(2)
also when runts itself finds no memory.

\`runts errors CODE\` prints what stands here; \`runts errors --format json\` is an array of objects, all of whose members are texts: \`code\`, \`kind\` (\`failure\`,
\`warning\` or \`finding\`), \`chapter\`, \`what\`, \`why\`, \`example\`, \`mend\`.
`;

const introductions: Readonly<Partial<Record<Chapter['title'], string>>> = {
  Findings: `What is wrong with a configuration: the codes of \`runts validate\`, as text, \`--format json\` and \`--format sarif\`, of the \`problems\` of an error, and of
the warnings of \`create\`.

`,
};

const entry = ([code, [what, why, example, mend]]: readonly [string, Explanation]): string => `### ${code}

${what[0]?.toUpperCase() + what.slice(1)}.

- Why: ${why}
- Example: ${example}
- To mend it: ${mend}
`;

const chapter = ({ title, codes }: Chapter): string =>
  `## ${title}\n\n${introductions[title] ?? ''}${Object.entries(codes).map(entry).join('\n')}`;

writeGenerated('docs/errors.md', [head, ...chapters.map(chapter)].join('\n'));
