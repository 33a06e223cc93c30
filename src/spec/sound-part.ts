import { lookup } from '../lookup.ts';
import { pointerParts } from './pointer.ts';
import type { SchemaError, Validator } from './validate.gen.js';

/** Stand-ins for required members of objects that other findings still hang on. */
const standIns: Readonly<Record<string, unknown>> = {
  '/ociVersion': '1.0.0',
  '/root': { path: 'rootfs' },
  '/root/path': 'rootfs',
  '/process/args': ['sh'],
  '/process/cwd': '/',
  '/args': ['sh'],
  '/cwd': '/',
  '/linux/seccomp/defaultAction': 'SCMP_ACT_ALLOW',
};

/** Each round removes at least one member, so this only bounds the work on hostile input. */
const MAX_ROUNDS = 32;

type Container = Record<string, unknown>;

function parentOf(root: unknown, path: readonly string[]): Container | undefined {
  let value = root;
  for (const part of path.slice(0, -1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Container)[part];
  }
  return typeof value === 'object' && value !== null ? (value as Container) : undefined;
}

/** Removes the member at a pointer, leaving a hole in an array so that later items keep their place. */
function remove(root: unknown, pointer: string): void {
  const path = pointerParts(pointer);
  const key = path.at(-1);
  const parent = parentOf(root, path);
  if (key === undefined || parent === undefined) return;
  const standIn = lookup(standIns, pointer);
  if (standIn !== undefined) parent[key] = structuredClone(standIn);
  else delete parent[key];
}

function mend(root: unknown, error: SchemaError): void {
  const missing = `${error.instancePath}/${String(error.params['missingProperty'])}`;
  remove(root, error.keyword === 'required' && Object.hasOwn(standIns, missing) ? missing : error.instancePath);
}

function isHole(root: unknown, pointer: string): boolean {
  const path = pointerParts(pointer);
  const parent = parentOf(root, path);
  return Array.isArray(parent) && parent[Number(path.at(-1))] === undefined;
}

/**
 * The part of a document that fits its schema, so that the other rules can look at it although something elsewhere is wrong.
 * @returns undefined when nothing useful is left
 */
export function soundPart(value: unknown, validator: Validator): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const copy = structuredClone(value);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (validator(copy)) return copy;
    const errors = (validator.errors ?? []).filter((error) => !isHole(copy, error.instancePath));
    if (errors.length === 0) return copy;
    for (const error of errors) mend(copy, error);
  }
  return undefined;
}
