import { RuntimeError } from '../../errors.ts';

/** A value for a control file of the container's cgroup. */
export interface Setting {
  /** Controller whose directory holds the file; "" stands for the core files of the unified hierarchy (cgroup.*). */
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** Member of the resources object that asks for it, as a pointer below that object: "/memory/limit". */
  readonly pointer: string;
  /** A file that the kernel may lack without harm to what was asked. */
  readonly optional?: boolean;
  /** Written when the kernel has no `file`. */
  readonly fallback?: { readonly file: string; readonly value: string };
}

/** Makes the error for a value that this host's cgroups cannot express (LNX-122). */
export function inexpressible(pointer: string, message: string): RuntimeError {
  return new RuntimeError('CGROUP_UNSUPPORTED', message, { pointer: `/linux/resources${pointer}` });
}
