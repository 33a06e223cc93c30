import type { Problem } from '../errors.ts';

/** Permanent codes of findings. */
export type FindingCode =
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

/** Collects findings; rules write into it. */
export class Report {
  readonly problems: Finding[] = [];
  readonly warnings: Finding[] = [];

  error(pointer: string, code: FindingCode, message: string, hint?: string, expected?: string): void {
    const more = { ...(hint === undefined ? {} : { hint }), ...(expected === undefined ? {} : { expected }) };
    this.problems.push({ severity: 'error', pointer, code, message, ...more });
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
