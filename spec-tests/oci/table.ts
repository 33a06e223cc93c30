import { spawnSync } from 'node:child_process';
import type { Outcome, Runtime } from './execute.ts';
import { reasonFor, silent } from './known.ts';

function versionOf({ name, path }: Runtime): string {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return `${name} ${/\d+\.\d+[^\s]*/.exec(stdout)?.[0] ?? ''}`.trim();
}

/** "309" when all passed, "42 of 54" when some failed, "error" when the program could not go on. */
function cell(outcome: Outcome | undefined): string {
  if (!outcome) return '';
  const passed = outcome.assertions.filter(({ ok }) => ok).length;
  const count = outcome.assertions.length;
  if (outcome.failure !== undefined) return count === 0 ? 'error' : `${passed} of ${count}, error`;
  if (count === 0) return 'silent';
  return passed === count ? String(count) : `**${passed} of ${count}**`;
}

/** Reasons for what fails with any of the runtimes. */
function remarks(program: string, outcomes: ReadonlyMap<string, Outcome>): string {
  const titles = [...outcomes.values()].flatMap(({ assertions, failure }) => [
    ...assertions.filter(({ ok }) => !ok).map(({ title }) => title),
    ...(failure === undefined ? [] : [undefined]),
  ]);
  const reasons = titles.map((title) => reasonFor(program, title)).filter((reason): reason is string => reason !== undefined);
  return [...new Set([...(silent[program] ? [silent[program]] : []), ...reasons])].join('; ');
}

const freedom = `## Where the specification leaves it to the runtime

- **Repeated names** in a JSON object (the specification forbids them, and says nothing of runtimes): the last one counts, as in every
  other runtime; \`runts validate\` warns of each (\`DUPLICATE_PROPERTY\`).
- **Size and depth**: a config.json above 16 MiB, or nested deeper than 200 levels, is refused.
- **Options of a bind mount** that are no mount flags are ignored with a warning, as mount(2) does.
- **Mappings of a mount** without the option \`idmap\` are applied, not recursively.
- **Mounts without a mount namespace** are made in the runtime's own, below a private mount of the root filesystem over itself, so that they
  reach no other namespace; \`delete\`, and a create that fails, detach them. runc and crun leave them on the host.
`;

/** docs/conformance.md. */
export function renderTable(runtimes: readonly Runtime[], results: ReadonlyMap<string, ReadonlyMap<string, Outcome>>): string {
  const rows = [...results].map(([program, outcomes]) => {
    const cells = runtimes.map(({ name }) => cell(outcomes.get(name)));
    return `| ${program} | ${cells.join(' | ')} | ${remarks(program, outcomes)} |`;
  });
  return `# Conformance

Written by \`npm run test:oci\`, which runs the validation programs of the OCI runtime-tools. A number counts the assertions of a program
that hold; **bold** where some do not; *error* means that the program could not go on, *silent* that it asserts nothing.
The last column tells defects of the suite and limits of the machine; it speaks of whatever runtime a row fails with.

| program | ${runtimes.map(versionOf).join(' | ')} | known reasons |
|---|${runtimes.map(() => '---|').join('')}---|
${rows.join('\n')}

${freedom}`;
}
