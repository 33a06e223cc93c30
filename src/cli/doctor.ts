import type { Diagnosis } from '../container/doctor.ts';
import { plain, type Style, styleFor } from './colour.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf, present } from './paths.ts';
import { printable } from './table.ts';

const widestState = 'missing'.length;
const indent = ' '.repeat(widestState + 4);

const ofState = { ok: 'good', limited: 'doubtful', missing: 'bad', note: 'faint', error: 'bad', warning: 'doubtful' } as const;

function marked(state: keyof typeof ofState, text: string, style: Style): string {
  return `  ${style[ofState[state]](state.padEnd(widestState))}  ${printable(text)}`;
}

/** The checks by topic, the findings of the bundle, and a verdict. */
export function renderDiagnosis({ fine, checks, findings }: Diagnosis, style: Style = plain): string {
  const lines: string[] = [];
  const topics = [...new Set(checks.map(({ topic }) => topic))];
  for (const topic of topics) {
    lines.push(style.heading(topic));
    for (const { subject, state, found, why, mend } of checks.filter((check) => check.topic === topic)) {
      lines.push(marked(state, `${subject}: ${found}`, style), style.faint(`${indent}why   ${printable(why)}`));
      if (mend !== undefined) lines.push(`${indent}mend  ${printable(mend)}`);
    }
    lines.push('');
  }
  if (findings !== undefined) {
    lines.push(style.heading('Bundle'));
    if (findings.length === 0) lines.push(marked('ok', 'nothing is known that would not work here', style));
    for (const { severity, code, pointer, message, hint } of findings) {
      lines.push(marked(severity, `${message} [${code}]`, style), style.faint(`${indent}at    ${printable(pointer || '/')}`));
      if (hint !== undefined) lines.push(`${indent}hint  ${printable(hint)}`);
    }
    lines.push('');
  }
  const subject = findings === undefined ? 'containers' : 'this container';
  lines.push(fine ? style.good(`${subject} can be made here`) : style.bad(`${subject} cannot be made here: see what is missing`));
  return lines.map((line) => `${line}\n`).join('');
}

export async function run({ flags, args: [bundle], print, terminal, strict, context }: Invocation<'doctor'>): Promise<number> {
  const { diagnose } = await import('../container/doctor.ts');
  const place = bundle === undefined ? {} : { bundle: bundleOf(bundle) };
  const diagnosis = diagnose({ context, strict, ...place, ...present({ configFile: absolute(flags.config) }) });
  print(flags.format === 'json' ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderDiagnosis(diagnosis, styleFor(terminal, process.env)));
  return diagnosis.fine ? 0 : 1;
}
