import type { Context } from '../container/context.ts';
import { RuntimeError } from '../errors.ts';
import type { Explanation, Measure } from '../spec/seccomp/explain.ts';
import type { LinuxSeccomp } from '../spec/types.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf } from './paths.ts';
import { printable } from './table.ts';

const lines = (list: readonly string[]): string => list.map((line) => `${printable(line)}\n`).join('');

function renderMeasure({ size, worst, mean }: Measure): string {
  return `${size} instructions; a call runs ${mean.toFixed(1)} in the mean, ${worst} at the most`;
}

function renderExplanation({ architecture, number, decisions }: Explanation): string[] {
  if (number === undefined) return [`${architecture}: no such call`];
  return [
    `${architecture}, number ${number}:`,
    ...decisions.flatMap(({ action, conditions, pointer, why }, index) => [
      `  ${action.padEnd(14)} ${conditions.length > 0 ? conditions.join(' and ') : index > 0 ? 'otherwise' : 'always'}`,
      `  ${''.padEnd(14)} ${pointer}: ${why}`,
    ]),
  ];
}

/** What happens to a call, in words. */
export function renderExplanations(explanations: readonly Explanation[], measure: Measure): string {
  return lines([...explanations.flatMap(renderExplanation), renderMeasure(measure)]);
}

async function explain(seccomp: LinuxSeccomp, machine: string, call: string | undefined, json: boolean): Promise<string> {
  const { explainSyscall, measureFilter } = await import('../spec/seccomp/explain.ts');
  const measure = measureFilter(seccomp, machine);
  const explanations = call === undefined ? [] : explainSyscall(seccomp, machine, call);
  if (call !== undefined && explanations.every(({ number }) => number === undefined)) {
    throw new RuntimeError('SYSCALL_UNKNOWN', `no architecture of the filter has a system call ${JSON.stringify(call)}`);
  }
  return json ? `${JSON.stringify({ ...measure, explanations }, null, 2)}\n` : renderExplanations(explanations, measure);
}

async function dump(seccomp: LinuxSeccomp, machine: string, json: boolean): Promise<string> {
  const [{ compileSeccomp }, { disassembled, listing }] = await Promise.all([
    import('../spec/seccomp/seccomp.ts'),
    import('../spec/seccomp/listing.ts'),
  ]);
  const { program } = compileSeccomp(seccomp, machine);
  if (!json) return lines(listing(program));
  const instructions = disassembled(program);
  return `${JSON.stringify({ size: instructions.length, instructions }, null, 2)}\n`;
}

async function profileOf(path: string, context: Context): Promise<LinuxSeccomp> {
  const [{ readConfig }, { profileOfConfig }] = await Promise.all([
    import('../container/bundle/bundle.ts'),
    import('./seccomp-profile.ts'),
  ]);
  return profileOfConfig(path, readConfig(path), context);
}

const usage = (message: string): RuntimeError => new RuntimeError('USAGE', `seccomp ${message}`);

/** @throws RuntimeError USAGE for a flag that another of them has */
function checkFlags(what: string, { bundle, output, merge, config }: Invocation<'seccomp'>['flags']): void {
  if (what !== 'record' && (bundle ?? output ?? merge[0]) !== undefined)
    throw usage(`${what}: --bundle, --output and --merge are of record`);
  if (what === 'compare' && config !== undefined) throw usage('compare: give the file in place of a bundle');
}

export async function run(invocation: Invocation<'seccomp'>): Promise<number> {
  const { flags, args, print, context } = invocation;
  const [what = '', bundle, call] = args;
  checkFlags(what, flags);
  if (what === 'record') return (await import('./seccomp-record.ts')).recordRun(invocation);
  if (what === 'compare') return (await import('./seccomp-compare.ts')).compare(invocation);
  if (what !== 'explain' && what !== 'dump') throw usage(`${JSON.stringify(what)}: explain, dump, record or compare is possible`);
  const seccomp = await profileOf(absolute(flags.config) ?? `${bundleOf(bundle)}/config.json`, context());
  const { machine } = (await import('../native/addon.ts')).addon.uname();
  const json = flags.format === 'json';
  print(what === 'dump' ? await dump(seccomp, machine, json) : await explain(seccomp, machine, call, json));
  return 0;
}
