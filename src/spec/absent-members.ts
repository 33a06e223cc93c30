import { lookup } from '../lookup.ts';
import type { Report } from './findings.ts';
import { missingText } from './missing.ts';
import { escapePointer, pointerParts, valueAt } from './pointer.ts';
import type { SchemaError } from './validate.gen.js';

/**
 * Required members whose absence is no error to runtimes that decode into a zeroed structure, with what they mean then. By the ends of
 * pointers, "*" for any index. What is not here would lose a protection (the ids of a mapping), or does not work (a hard limit of 0).
 */
const meanings: Readonly<Record<string, unknown>> = {
  ociVersion: '1.0.0',
  'consoleSize/height': 0,
  'consoleSize/width': 0,
  'rlimits/*/soft': 0,
  'ioPriority/priority': 0,
  'poststop/*/path': '',
  'devices/*/allow': false,
  'hugepageLimits/*/limit': 0,
  'priorities/*/priority': 0,
  'syscalls/*/names': [],
  'args/*/index': 0,
  'args/*/value': 0,
  ...Object.fromEntries(
    ['weightDevice', 'throttleReadBpsDevice', 'throttleWriteBpsDevice', 'throttleReadIOPSDevice', 'throttleWriteIOPSDevice'].flatMap(
      (list) => ['major', 'minor', 'rate'].map((member) => [`${list}/*/${member}`, 0]),
    ),
  ),
};

/** What an absent member means; undefined when it must not be absent. */
function meaningOf(pointer: string): unknown {
  const parts = pointerParts(pointer).map((part) => (/^\d+$/.test(part) ? '*' : part));
  return (
    lookup(meanings, parts.slice(-3).join('/')) ??
    lookup(meanings, parts.slice(-2).join('/')) ??
    (parts.length === 1 ? lookup(meanings, parts[0] ?? '') : undefined)
  );
}

type Members = Record<string, unknown>;

/** An empty filter is none; its default action must not be guessed where there is anything else in it. */
function dropEmptySeccomp(root: unknown, pointer: string, report: Report): boolean {
  const linux = valueAt(root, '/linux') as Members | undefined;
  if (pointer !== '/linux/seccomp' || Object.keys(linux?.['seccomp'] ?? {}).length > 0) return false;
  delete linux?.['seccomp'];
  report.warn(`${pointer}/defaultAction`, 'MISSING_PROPERTY', 'linux.seccomp is empty: no filter is loaded');
  return true;
}

function fillMember(root: unknown, { instancePath, params }: SchemaError, report: Report): boolean {
  const name = String(params['missingProperty']);
  if (name === 'defaultAction') return dropEmptySeccomp(root, instancePath, report);
  const pointer = `${instancePath}/${escapePointer(name)}`;
  const meaning = meaningOf(pointer);
  if (meaning === undefined) return false;
  (valueAt(root, instancePath) as Members)[name] = structuredClone(meaning);
  report.warn(pointer, 'MISSING_PROPERTY', missingText(name), `it is taken for ${JSON.stringify(meaning)}`);
  return true;
}

function fillItem(root: unknown, { instancePath, params }: SchemaError, report: Report): boolean {
  const end = instancePath.lastIndexOf('/');
  const parent = valueAt(root, instancePath.slice(0, end));
  const index = Number(instancePath.slice(end + 1));
  if (params['type'] !== 'string' || !Array.isArray(parent) || parent[index] !== null) return false;
  parent[index] = '';
  report.warn(instancePath, 'WRONG_TYPE', `invalid ${index}: expected a string, found null`, 'it is taken for ""');
  return true;
}

/**
 * Puts in what is absent and means something all the same, with a warning each.
 * @returns whether anything was put in
 */
export function fillAbsent(root: unknown, errors: readonly SchemaError[], report: Report): boolean {
  let filled = false;
  for (const error of errors) {
    if (error.keyword === 'required') filled = fillMember(root, error, report) || filled;
    else if (error.keyword === 'type') filled = fillItem(root, error, report) || filled;
  }
  return filled;
}
