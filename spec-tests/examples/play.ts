import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ExplainedCode } from '../../src/cli/explanations/chapters.ts';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import type { Result } from '../harness/command.ts';
import { criuPath } from '../harness/criu.ts';
import { mergePatch } from '../harness/merge-patch.ts';
import { uid } from '../harness/plain-user.ts';
import { putRuntime } from '../harness/runtime-program.ts';
import { projectRoot, slowness } from '../harness/suite.ts';
import type { Row } from './row.ts';
import { configText, type Pieces, pieces } from './words.ts';

interface Entry {
  readonly level: string;
  readonly code?: string;
  readonly problems?: readonly { readonly code: string }[];
}

/** What came of an example. */
interface Outcome {
  readonly result: Result;
  readonly entries: readonly Entry[];
  /** Of `create`: everything that was wrong, and what it warned of. */
  readonly codes: readonly string[];
}

const codesOf = (entries: readonly Entry[]): string[] => [
  ...new Set(
    entries.flatMap(({ code, problems = [] }) => [...problems.map((problem) => problem.code), ...(code === undefined ? [] : [code])]),
  ),
];

/** The lines of JSON in a text, which may have others. */
const entriesIn = (text: string): Entry[] =>
  text.split('\n').flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line) as Entry] : []));

/** A machine on which examples are tried: the program `runts` of the examples, and the container `web` at its stage. */
class Scene {
  private readonly box: Box;
  private readonly row: Row;
  readonly bundle: Bundle;
  private readonly others = new Map<string, string>();

  constructor(box: Box, row: Row, fragments: readonly string[]) {
    this.box = box;
    this.row = row;
    const made = box.bundle();
    const around = mergePatch(made.config, row.around ?? {});
    const [fragment] = fragments;
    made.writeText(fragment === undefined ? JSON.stringify(around) : configText(around, row.at ?? '', fragment));
    this.bundle = made;
    if (row.caller) for (const path of [box.stateRoot, made.directory, made.rootfs, join(made.rootfs, 'dev')]) chownSync(path, uid, uid);
    this.others.set('web', made.id).set('other', box.id());
  }

  /** Words of the examples that stand for others here. */
  private meant(script: string): string {
    return script
      .replaceAll(/(?<![\w/.-])(?:web|other)\b|(?<=(?:runts|pids|\.\.)\/)(?:web|other)\b/g, (word) => this.others.get(word) ?? word)
      .replaceAll('/run/runts', this.box.stateRoot)
      .replaceAll('/usr/local/bin/runts', join(this.box.directory, 'runts'));
  }

  /** Runs a script as `sh` would for whoever has the machine. @returns what the runtime logged, the file or, where there is none, its stderr */
  async script(script: string): Promise<Outcome> {
    const { box } = this;
    const log = join(box.directory, `log-${Math.random()}`);
    writeFileSync(log, '');
    chmodSync(log, 0o666);
    putRuntime(box, box.insideWords([], { global: ['--log', log, '--log-format', 'json'] }));
    const caller = this.row.caller?.(box) ?? [];
    const env = {
      PATH: `${box.directory}:${(this.row.needs?.some((need) => need.startsWith('CRIU')) ? criuPath() : undefined) ?? process.env['PATH']}`,
      LC_ALL: 'C',
      LIBRARY: join(projectRoot, 'lib/bundle/index.js'),
    };
    const result = await box.host([...caller, 'sh', '-c', this.meant(script)], {
      cwd: this.bundle.directory,
      env,
      timeout: 50_000 * slowness,
    });
    const entries = entriesIn(`${readFileSync(log, 'utf8')}${result.stderr}${result.stdout}`);
    return { result, entries, codes: codesOf(entries) };
  }

  /** Brings the container to its stage. */
  async prepare(): Promise<void> {
    const { stage = 'none', before } = this.row;
    if (before !== undefined) (await this.script(before)).result.ok();
    if (stage !== 'none') (await this.script('runts create web')).result.ok();
    if (stage === 'running' || stage === 'stopped') (await this.script('runts start web')).result.ok();
    if (stage === 'stopped') (await this.script('runts kill web KILL; until runts state web | grep -q stopped; do :; done')).result.ok();
  }

  /** Codes that a check of the bundle finds. */
  async found(...words: readonly string[]): Promise<string[]> {
    const result = await this.box.runtime([...words, '--format', 'json', this.bundle.directory]);
    const told = result.json<readonly { code: string }[] | { findings: readonly { code: string }[] }>();
    return [...new Set(('findings' in told ? told.findings : told).map(({ code }) => code))];
  }
}

/** A program of the library for its commands: an error is told as a log does. */
const libraryScript = (piece: string): string => `node --input-type=module --eval '
const { Runtime } = await import("'"$LIBRARY"'");
const runtime = new Runtime({ root: "/run/runts" });
try { ${piece} } catch ({ code, message }) { console.log(JSON.stringify({ level: "error", msg: message, code })); process.exitCode = 1; }
await runtime.close();
process.exit();
'`;

/** The commands, or `create` of the bundle as `validate` and `doctor` see it. */
function scriptOf({ commands }: Pieces, row: Row): string {
  const [first = ''] = commands;
  const options = commands.length === 1 && first.startsWith('--') ? `${first} ` : '';
  const made = `runts create ${options}web${row.starts ? ' && runts start web' : ''}`;
  return commands.length === 0 || options !== ''
    ? made
    : commands
        .map((command) => (command.startsWith('await ') || command.startsWith('const ') ? libraryScript(command) : command))
        .join('; ');
}

async function perform(box: Box, row: Row, { fragments, commands }: Pieces): Promise<{ scene: Scene; outcome: Outcome }> {
  const scene = new Scene(box, row, fragments);
  await scene.prepare();
  const outcome = await scene.script(scriptOf({ fragments, commands }, row));
  if (row.after !== undefined) (await scene.script(row.after)).result.ok();
  return { scene, outcome };
}

/**
 * Does what the example of a code says, and then the same with the fault mended. The code has to come of the first alone; of a configuration `validate` finds
 * nothing that `create` does not tell by the same code, and `doctor` foresees it.
 */
export async function play(box: Box, { code, kind, example }: ExplainedCode, row: Row): Promise<void> {
  const shown = pieces(example);
  const mended = pieces(row.mended);
  const { scene, outcome } = await perform(box, row, shown);
  if (row.words) expect(outcome.result.stderr).toMatch(row.words);
  else if (row.validated) expect(await scene.found('validate')).toContain(code);
  else expect(outcome.codes, outcome.result.toString()).toContain(code);
  const level = outcome.entries.some((entry) => entry.level === 'error') ? 'error' : 'warning';
  if (kind !== 'finding' && !row.words) expect(level).toBe(row.told ?? (kind === 'failure' ? 'error' : 'warning'));
  if (shown.fragments.length > 0 && !row.validated) await compare(scene, code, row, outcome, shown.commands.length === 0);
  const commands = mended.commands.length > 0 ? mended.commands : shown.commands;
  const after = await perform(box, row, { fragments: mended.fragments, commands });
  if (row.validated) expect(await after.scene.found('validate')).not.toContain(code);
  expect(after.outcome.codes, after.outcome.result.toString()).not.toContain(code);
  expect(after.outcome.result.status, after.outcome.result.toString()).toBe(0);
}

async function compare(scene: Scene, code: string, row: Row, outcome: Outcome, isForeseeable: boolean): Promise<void> {
  const validated = await scene.found('validate');
  for (const found of validated) expect(outcome.codes, `what validate finds, create tells: ${outcome.result}`).toContain(found);
  if (!isForeseeable) return;
  const foreseen = await scene.found('doctor');
  if (row.unforeseen) expect(foreseen).not.toContain(code);
  else expect(foreseen).toContain(code);
}
