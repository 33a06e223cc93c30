import { RuntimeError } from '../errors.ts';
import { clauseOf } from './clauses.ts';
import type { Finding, FindingCode } from './findings.ts';
import { parseJson } from './json.ts';
import { valueAt } from './pointer.ts';
import { show } from './schema-findings.ts';
import { validateSpec } from './validate.ts';

/** A finding with everything a person or a program needs to mend it. */
export interface ExplainedFinding extends Omit<Finding, 'code'> {
  readonly code: FindingCode | 'INVALID_JSON';
  /** Id in docs/requirements.md. */
  readonly clause: string;
  /** Where the value, or what it is missing from, begins: both count from 1. */
  readonly line: number;
  readonly column: number;
  /** What is there, in a few characters. */
  readonly found: string;
  readonly expected: string;
  /** The line of what is no JSON, and a caret below the place in it. */
  readonly excerpt?: string;
}

/** What findings expect whose rule does not say it itself. */
const expectations: Readonly<Record<FindingCode | 'INVALID_JSON', string>> = {
  INVALID_JSON: 'JSON (RFC 8259) in UTF-8',
  CPU_LIST_INVALID: 'a list like "0-3,7"',
  IDMAP_NOT_SUPPORTED: 'a mount whose ids can be mapped',
  INVALID_ANNOTATION: 'a property of systemd, and a value as text of GVariant',
  INVALID_CGROUPS_PATH: 'a path below the root cgroup',
  MOUNT_INSIDE_PROC: 'a destination outside of /proc',
  MOUNT_NAMESPACE_MISSING: "a mount namespace of the container's own",
  MOUNT_SOURCE_MISSING: 'a path',
  MOUNT_TYPE_MISSING: 'a type of filesystem',
  SECCOMP_TOO_LARGE: 'a filter that the kernel takes',
  SECCOMP_CONFLICT: 'one action for the same conditions',
  MISSING_PROPERTY: 'a value',
  WRONG_TYPE: 'another type',
  BAD_INTEGER: 'an integer within its range',
  UNKNOWN_VALUE: 'a value that the specification defines',
  UNKNOWN_PROPERTY: 'a property that the specification defines',
  DUPLICATE_PROPERTY: 'each name once',
  NUL_BYTE: 'text without NUL',
  BAD_VERSION: 'a version 1.x.y (SemVer)',
  NEWER_VERSION: 'a version that this runtime knows',
  EMPTY: 'a value that is not empty',
  NOT_ABSOLUTE: 'an absolute path',
  OUT_OF_RANGE: 'a number within its range',
  BAD_FORMAT: 'the form that the specification defines',
  DUPLICATE: 'each value once',
  NEEDS_NAMESPACE: "a namespace of the container's own",
  NOT_MAPPED: 'an id that the mappings hold',
  NEEDS_PROPERTY: 'the property that it needs',
  CONFLICT: 'one of the two',
  UNSUPPORTED: 'a value that this runtime can apply',
  DEPRECATED: 'the form that the specification advises',
};

type Place = Pick<ExplainedFinding, 'line' | 'column'>;

/** Where the lines of a text begin. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line and column of the value at a pointer, else of the nearest that is there and would hold it. */
function placeOf(starts: readonly number[], offsets: ReadonlyMap<string, number>, pointer: string): Place {
  let known = pointer;
  while (known !== '' && !offsets.has(known)) known = known.slice(0, known.lastIndexOf('/'));
  const offset = offsets.get(known) ?? 0;
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] as number) + 1 };
}

/** "… at line 3, column 7: …" of a parser's message. */
function placeInMessage(message: string): Place {
  const match = /line (\d+), column (\d+)/.exec(message);
  return { line: Number(match?.[1] ?? 1), column: Number(match?.[2] ?? 1) };
}

function invalidJson(error: unknown): ExplainedFinding {
  if (!(error instanceof RuntimeError) || error.code !== 'INVALID_JSON') throw error;
  const { message, excerpt } = error;
  const code = 'INVALID_JSON';
  const shown = excerpt === undefined ? {} : { excerpt };
  const found = /found (.*)$/.exec(message)?.[1] ?? 'something else';
  const expected = expectations[code];
  return {
    severity: 'error',
    pointer: '',
    code,
    clause: clauseOf('', code),
    message,
    found,
    expected,
    ...placeInMessage(message),
    ...shown,
  };
}

/**
 * Everything that is wrong with the text of a config.json, also repeated names, of which the last counts (GLO-002): errors first, then
 * warnings, each in the order of the rules.
 */
export function explain(text: string): readonly ExplainedFinding[] {
  const offsets = new Map<string, number>();
  const repeated: Finding[] = [];
  const onDuplicate = (pointer: string): void => {
    const message = `repeated property "${pointer.slice(pointer.lastIndexOf('/') + 1)}": the last one counts`;
    repeated.push({ severity: 'warning', pointer, code: 'DUPLICATE_PROPERTY', message });
  };
  let input: unknown;
  try {
    input = parseJson(text, { onDuplicate, onValue: (pointer, offset) => offsets.set(pointer, offset) });
  } catch (error) {
    return [invalidJson(error)];
  }
  const { problems, warnings } = validateSpec(input);
  const starts = lineStarts(text);
  return [...problems, ...repeated, ...warnings].map((finding) => {
    const { pointer, code } = finding;
    const value = valueAt(input, pointer);
    return {
      ...finding,
      clause: clauseOf(pointer, code),
      ...placeOf(starts, offsets, pointer),
      found: value === undefined ? 'nothing' : show(value, pointer),
      expected: finding.expected ?? expectations[code],
    };
  });
}
