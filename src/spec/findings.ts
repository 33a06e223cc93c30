import type { Problem } from '../errors.ts';

/** Codes that `create` and `plan` give as they are, when nothing but these is wrong with a configuration (docs/errors.md). */
const refusalCodes = [
  'CPU_LIST_INVALID',
  'IDMAP_NOT_SUPPORTED',
  'INVALID_ANNOTATION',
  'INVALID_CGROUPS_PATH',
  'MOUNT_INSIDE_PROC',
  'MOUNT_NAMESPACE_MISSING',
  'MOUNT_SOURCE_MISSING',
  'MOUNT_TYPE_MISSING',
  'SECCOMP_CONFLICT',
  'SECCOMP_TOO_LARGE',
] as const;

type RefusalCode = (typeof refusalCodes)[number];

export const isRefusalCode = (code: FindingCode): code is RefusalCode => (refusalCodes as readonly string[]).includes(code);

/** Permanent codes of findings. */
export type FindingCode =
  | RefusalCode
  /** A required member is absent. */
  | 'MISSING_PROPERTY'
  /** A value has another JSON type than the specification says. */
  | 'WRONG_TYPE'
  /** A number is no integer, or outside the range of its type. */
  | 'BAD_INTEGER'
  /** A string is none of the values that the specification defines. */
  | 'UNKNOWN_VALUE'
  /** Warning: a member that the specification does not define; it is ignored. */
  | 'UNKNOWN_PROPERTY'
  /** Warning: a member name that is repeated in one object; the last counts. */
  | 'DUPLICATE_PROPERTY'
  | 'NUL_BYTE'
  /** ociVersion is not SemVer, or of another major version. */
  | 'BAD_VERSION'
  /** Warning: ociVersion is newer than the one implemented. */
  | 'NEWER_VERSION'
  | 'EMPTY'
  | 'NOT_ABSOLUTE'
  | 'OUT_OF_RANGE'
  | 'BAD_FORMAT'
  | 'DUPLICATE'
  /** Needs a namespace that the container does not have of its own. */
  | 'NEEDS_NAMESPACE'
  | 'NOT_MAPPED'
  /** Needs another member that is absent. */
  | 'NEEDS_PROPERTY'
  /** Two members exclude each other. */
  | 'CONFLICT'
  /** A value that is valid but never applied. */
  | 'UNSUPPORTED'
  /** Warning: works, but the specification advises against it. */
  | 'DEPRECATED';

/** A finding of validation. */
export interface Finding extends Problem {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly hint?: string;
  /** What a valid value is, where the rule knows it. */
  readonly expected?: string;
}

/** What takes the place of a tolerated value; undefined: nothing does. */
export interface Mend {
  readonly pointer: string;
  readonly value: unknown;
}

/**
 * Collects findings; rules write into it. A tolerant report belongs to a document that is about to be used: what runtimes run that do not
 * look so closely is a warning there, and is used as they use it.
 */
export class Report {
  readonly problems: Finding[] = [];
  readonly warnings: Finding[] = [];
  /** What has to be put in place before the document is used (`applyMends`). */
  readonly mends: Mend[] = [];
  readonly tolerant: boolean;

  constructor(tolerant = false) {
    this.tolerant = tolerant;
  }

  error(pointer: string, code: FindingCode, message: string, hint?: string, expected?: string): void {
    const more = { ...(hint === undefined ? {} : { hint }), ...(expected === undefined ? {} : { expected }) };
    this.problems.push({ severity: 'error', pointer, code, message, ...more });
  }

  /** An error that a tolerant report warns of: the value has no effect, or the one it says. */
  tolerate(pointer: string, code: FindingCode, message: string, hint?: string): void {
    if (this.tolerant) this.warn(pointer, code, message, hint);
    else this.error(pointer, code, message, hint);
  }

  /** As `tolerate`, of a value that is used only with another in its place. */
  mend(pointer: string, code: FindingCode, message: string, value: unknown, hint?: string): void {
    this.tolerate(pointer, code, message, hint);
    if (this.tolerant) this.mends.push({ pointer, value });
  }

  /** Leaves a value out of a document that is used, which some finding has told of. */
  drop(pointer: string): void {
    if (this.tolerant) this.mends.push({ pointer, value: undefined });
  }

  /** An error that the plan gives itself, where a flag or the machine brings it about: here for who only asks. */
  foretell(pointer: string, code: RefusalCode, message: string, hint?: string): void {
    if (!this.tolerant) this.error(pointer, code, message, hint);
  }

  warn(pointer: string, code: FindingCode, message: string, hint?: string): void {
    this.warnings.push({ severity: 'warning', pointer, code, message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The items of an optional array with their pointers; holes (items that failed the schema) are left out. */
export function each<T>(items: readonly T[] | undefined, pointer: string): readonly (readonly [T, string])[] {
  const found: (readonly [T, string])[] = [];
  items?.forEach((item, index) => {
    if (item !== undefined) found.push([item, `${pointer}/${index}`]);
  });
  return found;
}
