import type { Plan, Step } from '../plan/plan.ts';
import { base64 } from './base64.ts';
import { plain, type Style, styleFor } from './colour.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf, present } from './paths.ts';
import { printable } from './table.ts';

/** Where the pointers begin at the most; a longer title pushes its own away. */
const widestTitle = 64;

function legend(style: Style): string {
  const rows = [
    ['runtime', 'runts itself, on the host'],
    ['intermediate', 'a short-lived process that enters and makes the namespaces'],
    ['init', 'the first process of the container, before it becomes the program'],
  ] as const;
  return rows.map(([stage, who]) => style.faint(`${stage.padEnd(12)}  ${who}`)).join('\n');
}

/** The plan as a table of contents: chapters, and their steps in the order in which they are done. */
export function renderPlan({ steps, warnings }: Plan, style: Style = plain): string {
  const digits = String(steps.length).length;
  const width = Math.min(widestTitle, Math.max(0, ...steps.map(({ title }) => title.length)));
  const lines = [legend(style)];
  let chapter: string | undefined;
  for (const [index, step] of steps.entries()) {
    if (step.chapter !== chapter) lines.push('', style.heading(step.chapter));
    chapter = step.chapter;
    const pointer = step.pointer === undefined ? '' : `  ${style.faint(printable(step.pointer || '/'))}`;
    const title = pointer === '' ? printable(step.title) : printable(step.title).padEnd(width);
    lines.push(`  ${String(index + 1).padStart(digits)}  ${step.stage.padEnd(12)}  ${title}${pointer}`);
  }
  if (warnings.length > 0) lines.push('', style.heading('Warnings'));
  for (const { message, pointer } of warnings)
    lines.push(`  ${printable(message)}${pointer === undefined ? '' : `  ${style.faint(pointer || '/')}`}`);
  return `${lines.join('\n')}\n`;
}

function portable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? base64(value) : value;
}

function numbered(step: Step, index: number) {
  return { number: index + 1, ...step };
}

/** The plan as JSON: byte strings in base64, 64-bit numbers as decimal strings. */
export function renderPlanJson({ steps, ...rest }: Plan): string {
  return `${JSON.stringify({ steps: steps.map(numbered), ...rest }, portable, 2)}\n`;
}

export async function run(invocation: Invocation<'plan'>): Promise<number> {
  const { flags, args } = invocation;
  const { planBundle } = await import('../container/plan.ts');
  const context = invocation.context();
  const plan = planBundle(context, {
    bundle: bundleOf(args[0] ?? flags.bundle),
    ...present({ configFile: absolute(flags.config) }),
    id: flags.id,
    restore: flags.restore,
  });
  // The answer of create.
  if (invocation.strict) for (const warning of plan.warnings) context.warn(warning);
  invocation.print(flags.format === 'json' ? renderPlanJson(plan) : renderPlan(plan, styleFor(invocation.terminal, process.env)));
  return 0;
}
